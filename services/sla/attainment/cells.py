"""The columns and cells of the long sheets: every cycle, and every exemption."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from chassis.zone import BEIJING
from contracts.exemption import GROUND_NAMES
from contracts.sla import CLOCK_NAMES
from services.sla.attainment.duties import Duty
from services.sla.attainment.row import OUTCOMES, Row
from services.sla.attainment.words import PRIORITY
from services.sla.exemptions.model import Exemption
from services.sla.exemptions.words import covered

Column = tuple[str, int, str]
"""Its name, its width, and the kind of its cells."""
_DAY_S = 86_400.0
_CYCLES: tuple[Column, ...] = (
    ("工单号", 17, "text"), ("时限", 10, "text"), ("轮次", 6, "count"), ("结果", 8, "text"),
    ("开始", 20, "time"), ("应完成", 20, "time"), ("结束", 20, "time"), ("承诺", 11, "span"), ("计入", 11, "span"),
    ("其中免责", 11, "span"), ("机构编号", 16, "text"), ("机构", 24, "text"), ("合同", 16, "text"),
    ("类别", 12, "text"), ("优先级", 8, "text"), ("工程师", 14, "text"), ("政策", 12, "text"), ("政策版本", 15, "text"),
    ("营业日历", 20, "text"), ("工单编号", 38, "text"),
)  # fmt: skip
_INWARD = frozenset(("类别", "优先级", "工程师", "政策", "政策版本", "营业日历"))
_EXEMPT: tuple[Column, ...] = (
    ("开始", 20, "time"), ("结束", 20, "time"), ("事由", 10, "text"), ("说明", 50, "wrap"), ("适用范围", 40, "wrap"),
    ("申请人", 14, "text"), ("批准人", 14, "text"), ("批准时间", 20, "time"), ("批准意见", 30, "wrap"),
    ("编号", 38, "text"),
)  # fmt: skip
_DUTIES: tuple[Column, ...] = (
    ("义务", 26, "text"), ("所属期", 12, "text"), ("结果", 8, "text"), ("到期", 20, "time"), ("完成或免除", 20, "time"),
    ("合同", 16, "text"), ("合同名称", 26, "text"), ("机构编号", 16, "text"), ("机构", 24, "text"),
)  # fmt: skip
_NAMED = {"institution": "机构", "category": "类别", "engineer": "工程师", "clock": "时限", "month": "月份"}


def groups(by: str) -> tuple[Column, ...]:
    """The columns that name a group."""
    code: tuple[Column, ...] = (("机构编号", 16, "text"),) if by == "institution" else ()
    return (*code, (_NAMED[by], 30, "text"))


def details(
    rows: Sequence[Row], name: Callable[[str | None], str], outward: bool
) -> tuple[tuple[Column, ...], Iterator[Any]]:  # fmt: skip
    """Every cycle; outward without the columns that are empty there."""
    kept = [at for at, (title, _, _) in enumerate(_CYCLES) if not (outward and title in _INWARD)]
    cells = (_cycle(row, name) for row in rows)
    return tuple(_CYCLES[at] for at in kept), (tuple(cell[at] for at in kept) for cell in cells)


def duties(found: Sequence[Duty]) -> tuple[tuple[Column, ...], Iterator[Any]]:
    """Every item of an obligation that is due."""
    return _DUTIES, (_duty(one) for one in found)


def exemptions(found: Sequence[Exemption]) -> tuple[tuple[Column, ...], Iterator[Any]]:
    """The exemptions that held."""
    return _EXEMPT, (_exempt(one) for one in found)


def _cycle(row: Row, name: Callable[[str | None], str]) -> tuple[Any, ...]:
    return (
        row.number, CLOCK_NAMES[row.clock], row.cycle, OUTCOMES[row.outcome],
        local(row.started_at), local(row.due_at), local(row.ended_at),
        row.within_s / _DAY_S, row.counted_s / _DAY_S, row.exempted_s / _DAY_S if row.exempted_s else None,
        row.institution, name(row.institution), row.contract, row.category,
        PRIORITY.get(row.priority or "", row.priority), row.engineer, row.policy, row.edition, row.calendar,
        str(row.case_id),
    )  # fmt: skip


def _duty(one: Duty) -> tuple[Any, ...]:
    held = (one.holder, one.holder_name, one.key, one.item)
    return (one.title, one.period, OUTCOMES[one.outcome], local(one.due_at), local(one.since), *held)


def _exempt(one: Exemption) -> tuple[Any, ...]:
    approved = next(d for d in reversed(one.decisions) if d.standing == "approved")
    return (
        local(one.begins), local(one.ends), GROUND_NAMES[one.ground], one.text, covered(one),
        one.requester, approved.by, local(approved.at), approved.reason or "—", str(one.id),
    )  # fmt: skip


def local(at: datetime | None) -> datetime | None:
    """Beijing's wall clock to the second, as a workbook has it: without a zone."""
    return at and at.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)
