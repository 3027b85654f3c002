"""Staff correct category and priority; what they decide is final for rules and models, and teaches the classifier."""

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from contracts.case import CaseCommand
from contracts.casework import CaseCategorised, CategoriseCase
from services.intake.desk import Handler, about
from services.intake.model import Case
from services.intake.opening import Folded


def _categorise(case: Case, moment: Moment, command: CategoriseCase) -> Folded:
    _check(case, command)
    before = case.category
    if command.category is not None:
        case = replace(case, category=command.category, category_by=command.by, confidence=None)
    if command.priority is not None:
        case = replace(case, priority=command.priority, priority_by=command.by)
    said = moment.event(
        CaseCategorised,
        category=case.category,
        priority=case.priority,
        before=before,
        by=command.by,
        **about(case, moment),
    )
    return case, [said]


def _check(case: Case, command: CategoriseCase) -> None:
    if command.category is None and command.priority is None:
        raise Refused("nothing", "没有给出类别或优先级: 请至少填写一项")
    taken = (command.category and case.category_by == "staff") or (command.priority and case.priority_by == "staff")
    if command.by != "staff" and taken:
        raise Refused("staff_decided", "类别或优先级已由工作人员确定: 规则和模型不能再改")
    if _says_nothing_new(case, command):
        raise Refused("unchanged", "类别和优先级已是所填的值: 无需再改")


def _says_nothing_new(case: Case, command: CategoriseCase) -> bool:
    """Staff who confirm a guess do say something: from then on it is their word."""
    category = command.category in (None, case.category) and (
        command.category is None or case.category_by == command.by
    )
    priority = command.priority in (None, case.priority) and (
        command.priority is None or case.priority_by == command.by
    )
    return category and priority


HANDLERS: dict[type[CaseCommand], Handler] = {CategoriseCase: _categorise}
