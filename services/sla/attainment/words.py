"""What stands on the sheets in words: by which rules it was counted, and how numbers are shown."""

import shlex
from collections.abc import Iterator
from decimal import Decimal

from services.sla.attainment.asked import readable, shown
from services.sla.attainment.report import Line, Report

TITLE = "时限达成情况（验收依据）"
PRIORITY = {"urgent": "紧急", "high": "高", "normal": "普通", "low": "低"}
GROUPS = {"institution": "按机构", "category": "按类别", "engineer": "按工程师", "clock": "按时限", "month": "按月"}
COUNTS = ("达成", "超时", "免责", "未到期", "不计", "合计", "达成率")
SIGNERS = ("制表", "复核", "负责人", "日期")
_FILTERS = {
    "contract": "合同", "institution": "机构", "category": "类别", "priority": "优先级", "engineer": "工程师",
    "clock": "时限", "policy": "政策", "outcome": "结果",
}  # fmt: skip
_BY = {"": "系统", "files": "配置文件"}
_RULES = (
    ("统计对象", "每个工单的每一轮时限（首次响应、再次响应、催办、解决）为一条。系统自检的时钟不计。"),
    ("所属月份", "按这一轮开始的时刻（北京时间）归入月份，与何时结束无关。"),
    ("截至时刻", "截至时刻之后发生的事、之后作出的免责决定一概不计。截至时刻相同，数据相同，结果就相同。"),
    ("计时", "只计政策所用营业日历的营业时间；等待他人的暂停时间不计。"),
    ("达成", "在承诺的时间用完之前完成。"),
    ("超时", "承诺的时间用完时尚未完成，无论后来是否完成。工单未经答复就关闭的，关闭时已到期的算超时。"),
    ("免责", "已超时，但扣除经批准的免责时段内的营业时间之后并未超时。多个时段重叠的部分只扣一次。"),
    ("未到期", "截至时刻仍在进行，且尚未用完承诺的时间（含免责时段给予的时间）。"),
    ("不计", "到期之前就已停止，无人再须完成，例如首次响应到期前工单已关闭。"),
    ("达成率", "达成 ÷（达成 + 超时）。免责、未到期、不计的既不进分子，也不进分母；没有可计的写“—”。"),
    ("达成率的写法", "保留到万分之一，其余舍去，不进位；是否达标按未舍去的数判断。"),
    (
        "条款",
        "合同、时限及条款所列类别、优先级都相符的各条计入该条款；达成率不低于约定比例为达标，没有可计的为无数据。"
        "除合同外还有其他筛选时不列条款，因为部分工单不能说明是否达标。",
    ),
    ("义务", "考核义务的条款按义务表逐项计：到期日在统计期内，期限内完成为达成，经批准免除的为免责。"),
    (
        "归属",
        "机构、类别、优先级按这一轮结束时（未结束的按截至时刻）所知，工程师为当时的经办人；"
        "合同为工单受理当日该机构的合同，其间续签不变。",
    ),
    ("政策版本", "已结束的按结束时有效的版本，未结束的按截至时刻有效的版本。"),
    ("免责审批", "申请人与批准人必须是两个人；批准后可以撤销，撤销后该时段重新计时。"),
)


def period(report: Report) -> str:
    return report.first if report.first == report.last else f"{report.first} 至 {report.last}"


def scope(report: Report) -> str:
    """Which cycles, in words."""
    named = [f"{_FILTERS[name]} {value or '（空）'}" for name, value in report.filters.items()]
    rest = "" if report.judged else "（已筛选，不列条款）"
    return ("，".join(named) or "全部") + rest


def head(report: Report) -> tuple[str, str, str]:
    """The three lines under every title."""
    return (
        f"统计期（轮次开始月份）: {period(report)}    截至: {readable(report.as_of)}（北京时间）",
        f"范围: {scope(report)}    共 {report.total.cycles} 条",
        f"校验码: {report.digest}",
    )


def rules(report: Report) -> list[tuple[str, str]]:
    """口径说明: what was counted how, by which editions, and how anybody can count it again."""
    editions = [
        ("所用政策版本", f"{e.version}，自 {readable(e.since)} 起有效，由{_BY.get(e.by, f' {e.by} ')}发布")
        for e in report.editions
    ]
    only = "".join(f" --only {shlex.quote(f'{name}={value}')}" for name, value in report.filters.items())
    span = f"--month {report.first} --until {report.last} --as-of {shown(report.as_of)}"
    return [
        ("统计期", period(report)),
        ("截至", f"{shown(report.as_of)}（精确到毫秒，复核时照此填写）"),
        ("范围", scope(report)),
        *_RULES,
        *editions,
        ("校验码", f"{report.digest}（明细、义务各条的 SHA-256 排序后再取 SHA-256；只要有一条不同，校验码就不同）"),
        ("复核方法", f"从事件流逐条重算，并与所存数据比对：\nyibao sla attainment {span}{only} --recompute"),
    ]


def groups(report: Report) -> Iterator[tuple[str, str, tuple[Line, ...]]]:
    """What it is grouped by, as code and in words, with the lines; months only where there are several."""
    for by, title in GROUPS.items():
        if by in report.groups and (by != "month" or report.first != report.last):
            yield by, title, report.groups[by]


def counts(line: Line) -> tuple[int, ...]:
    """In the order of `COUNTS`, without the rate."""
    return line.kept, line.late, line.exempted, line.open, line.void, line.cycles


def agreed(share: float) -> str:
    """The share of a clause, all of it: 0.99995 is no 100 %."""
    exact = Decimal(repr(share)) * 100
    return f"{exact:.2f}%" if exact == round(exact, 2) else f"{exact.normalize():f}%"
