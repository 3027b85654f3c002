"""What stands beside the catalogue of reports, and for whom."""

from typing import Final

from chassis.access import DESK, READERS, WITH_HOSPITALS, Roles
from contracts.identity import Role

FEEDS: Final[Roles] = DESK | {"ops", "admin", "auditor"}
FETCHERS: Final[Roles] = DESK | {"ops"}
TABS: Final[tuple[tuple[str, str, Roles], ...]] = (
    ("/reports", "报表目录", WITH_HOSPITALS),
    ("/runs", "统计任务", WITH_HOSPITALS),
    ("/reports/schedules", "定时统计", READERS),
    ("/reports/definitions", "口径修订", READERS),
    ("/reports/datasets", "数据集", READERS),
    ("/reports/feeds", "数据来源", FEEDS),
)


def tabs_of(role: Role, narrowed: bool) -> list[tuple[str, str]]:
    """What he may open; an officer of some districts only sees his own results, as a hospital does."""
    mine = {"hospital"} if narrowed else {role}
    return [(path, title) for path, title, roles in TABS if mine & roles and role in roles]
