"""What `yibao stats` shows, as tables and lines for a terminal of 80 columns."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from rich.table import Column, Table

from chassis.zone import BEIJING

Json = dict[str, Any]
VERDICTS: Final = {"passed": "通过", "warned": "有提示", "failed": "未通过"}
STATUSES: Final = {
    "finished": "完成",
    "failed": "失败",
    "cancelled": "已取消",
    "running": "进行中",
    "requested": "排队",
}
_TYPES: Final = {
    "text": "文本", "code": "代码", "amount": "金额", "ratio": "比例", "count": "整数", "date": "日期",
    "datetime": "日期时间", "month": "月份",
}  # fmt: skip
FAMILIES: Final = (
    "daily", "enrolment", "treatment", "cross_region", "fund", "institution", "catalogue", "operations", "indicator",
)  # fmt: skip
_SPANS: Final = {
    "none": "全部数据", "yesterday": "前一日", "last_month": "上月", "this_month": "本月", "last_quarter": "上季度",
    "last_year": "上年", "year_to_last_month": "本年至上月",
}  # fmt: skip
_VERDICTS_OF_HOSPITALS: Final = {"": "", "accepted": "属实", "rejected": "不属实", "corrected": "已更正"}
_KEPT: Final = {"": "", "pseudonym": "假名", "mask": "掩码", "drop": "不保存"}


def _table(*names: str, **looks: Any) -> Table:
    return Table(*(Column(name, overflow="fold") for name in names), **looks)


def reports(found: Iterable[Json]) -> Table:
    """Of `GET /reports`."""
    table = Table("类别", "报表", "名称")
    last = ""
    for one in sorted(found, key=lambda one: (FAMILIES.index(one["family"]), one["report"])):
        family = one["family_name"]
        table.add_row("" if family == last else family, one["report"], one["title"])
        last = family
    return table


def definition(one: Json) -> Iterator[Table | str]:
    """Of `GET /reports/{report}`."""
    yield f"{one['title']} ({one['report']})  单位: {one['unit']}  归口: {one['owner']}"
    yield f"用途: {one['purpose']}"
    yield f"指纹: {one['definition_hash']}  {'随产品提供' if one['origin'] == 'shipped' else '本地审批生效'}"
    yield "数据表: " + "、".join(f"{title} ({name})" for name, title in one["needs"].items())
    for line in one["filters"]:
        yield f"  · {line}"
    table = _table("列", "名称", "说明")
    for output in one["outputs"]:
        table.add_row(output["code"], output["name"], "维度" if output.get("dimension") else output.get("note", ""))
    yield table
    for check in one.get("checks", ()):
        yield f"检查: {check['name']} ({'提示' if check.get('severity') == 'warn' else '不通过则不交付'})"


def tables(found: Iterable[Json]) -> Table:
    """Of `GET /tables`."""
    table = _table("数据表", "名称", "一行是")
    for one in found:
        table.add_row(one["table"], one["title"], one["grain"])
    return table


def columns(one: Json) -> Table:
    """Of `GET /tables/{name}`."""
    table = _table("列", "名称", "类型", "必填", "个人信息", title=f"{one['title']} ({one['name']})")
    for c in one["columns"]:
        kind, must = _TYPES[c.get("type", "text")], "是" if c.get("required") else ""
        table.add_row(c["code"], c["name"], kind, must, _KEPT[c.get("personal", "")])
    return table


def read_in(name: str, run: Json) -> str:
    if run["status"] != "finished":
        return f"{name}: {STATUSES[run['status']]} {run.get('reason') or ''}"
    result = run["result"]
    told = f"{name} → {run['report']}: {result['rows_in']:,} 行, 接受 {result['rows_accepted']:,}"
    notes = (result["outcome"] or {}).get("notes", ())
    return "\n  ".join([f"{told}, 退回 {result['rows_rejected']:,}", *notes])


def run(one: Json) -> str:
    """How a run has ended, with what its checks found."""
    if one["status"] != "finished":
        return f"{one['report']}: {STATUSES[one['status']]}"
    result, outcome = one["result"], one["result"]["outcome"] or {}
    found = f"检查{VERDICTS[one['verdict']]}, 口径 {one['definition_hash'][:12]}"
    lines = [f"{one['report']}: {result['rows_out']:,} 行, {found}"]
    lines += [f"  {'✓' if c['ok'] else '✗'} {c['name']}: {c['found']}" for c in outcome.get("checks", ())]
    return "\n".join([*lines, *(f"  {note}" for note in outcome.get("notes", ()))])


def versions(found: Iterable[Json]) -> Table:
    """Of `GET /definitions/{report}`."""
    table = _table("指纹", "状态", "起草", "确认", "审批", "最近一步")
    for one in found:
        last = one["steps"][-1]
        step = f"{last['what']} {last['by']} {last.get('note', '')}".strip()
        confirmed = " ".join(filter(None, (one["department"], one["confirmed_by"])))
        table.add_row(one["hash"][:12], one["status_name"], one["drafted_by"], confirmed, one["approved_by"], step)
    return table


def difference(found: Json) -> Iterator[str]:
    """Of `GET /definitions/{report}/diff`."""
    for field in found["fields"]:
        yield field["name"]
        yield from (f"  - {line}" for line in field["removed"])
        yield from (f"  + {line}" for line in field["added"])
    yield from found["sql"]
    if not found["fields"] and not found["sql"]:
        yield "两个版本没有差异"


def schedules(found: Iterable[Json]) -> Table:
    """Of `GET /schedules`."""
    table = _table("编号", "名称", "报表", "统计期", "下几次")
    for one in found:
        times = "\n".join(t[:16].replace("T", " ") for t in one["next"]) or "已暂停"
        table.add_row(one["id"][:8], one["name"], one["report"], _SPANS.get(one["span"], one["span"]), times)
    return table


def runs(found: Iterable[Json]) -> Table:
    """Of `GET /runs`."""
    table = _table("任务", "报表或数据表", "统计期", "状态", "提交", "检查")
    for one in found:
        at = datetime.fromisoformat(one["requested_at"]).astimezone(BEIJING)
        verdict = VERDICTS.get(one["verdict"] or "", "")
        told = f"{verdict}, 已放行" if one["verdict"] == "failed" and one["handed_over"] else verdict
        state = STATUSES.get(one["status"], one["status"])
        by = f"{one['requested_by']} {at:%m-%d %H:%M}"
        table.add_row(one["id"][:8], one["report"], one["wanted"]["period"], state, by, told)
    return table


def reconciliations(found: Iterable[Json]) -> Table:
    """Of `GET /reconciliations`."""
    table = _table("编号", "机构", "期间", "状态", "差异")
    for one in found:
        classes = "\n".join(f"{t['name']} {t['count']}" for t in one["tallies"] if t["count"])
        table.add_row(one["id"][:8], one["fixmedins_code"], one["period"], one["status_name"], classes or "无")
    return table


def differences(found: Iterable[Json]) -> Table:
    """Of `GET /reconciliations/{id}/differences`."""
    table = _table("差异", "类别", "结算编号", "费用差额", "基金差额", "反馈")
    for one in found:
        said = " ".join(filter(None, (_VERDICTS_OF_HOSPITALS[one["verdict"]], one["note"])))
        table.add_row(one["id"][:8], one["name"], one["setl_id"] or one["msgid"], one["medfee"], one["fund"], said)
    return table
