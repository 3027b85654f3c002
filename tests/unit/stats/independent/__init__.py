"""Every shipped report once more, by plain Python over rows, written from what is agreed on and not from the SQL."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.unit.stats.independent import (
    a_balance,
    a_daily,
    a_enrolment,
    a_fund,
    a_progress,
    a_register,
    b_catalogue,
    b_cross_region,
    b_indicator,
    b_institution,
    b_quality,
    b_treatment,
    c_operations,
)

_FAMILIES = (
    a_balance, a_daily, a_enrolment, a_fund, a_progress, a_register, b_catalogue, b_cross_region, b_indicator,
    b_institution, b_quality, b_treatment, c_operations,
)  # fmt: skip
CHECKS: Mapping[str, Callable[..., Mapping[tuple[Any, ...], Mapping[str, Any]]]] = {
    report: check for family in _FAMILIES for report, check in family.CHECKS.items()
}
"""By report: (rows by table, first day, day after the last, parameters) to measures by the line's dimensions."""
