"""Conditions on a case that a transition may ask for, and what each tells staff to do first."""

from collections.abc import Callable
from typing import Final

from services.intake.model import Case

GUARDS: Final[dict[str, tuple[Callable[[Case], bool], str]]] = {
    "assigned": (lambda case: case.assignee is not None, "工单还没有经办人: 请先分派"),
    "has_response": (lambda case: case.responded_at is not None, "还没有答复过来询人: 请先答复"),
    "has_external_number": (
        lambda case: case.external_number is not None,
        "还没有外部工单号: 请先登记外部工单号",
    ),
    "has_institution": (lambda case: case.institution_code is not None, "还不知道是哪家定点医药机构: 请先补充机构编号"),
    "chased": (lambda case: case.chases > 0, "还没有催办过: 请先催办并记录"),
}

# Commands to other services, and the fields that each needs; `steps.py` says them.
SAYS: Final[dict[str, tuple[str, ...]]] = {"stats_run": ("report", "upload_id")}


def unmet(case: Case, guards: tuple[str, ...]) -> list[str]:
    """What has to be done before; empty when all conditions hold."""
    return [GUARDS[name][1] for name in guards if not GUARDS[name][0](case)]
