"""The menu: what is where, and for whom. A page that somebody may not open is not in his menu."""

from typing import Final, NamedTuple

from chassis.access import DESK, EVERYBODY, READERS, STAFF, WITH_HOSPITALS, Roles
from contracts.identity import Role

HOSPITAL: Final[Roles] = frozenset({"hospital"})
FIGURES: Final[Roles] = WITH_HOSPITALS
RUNNERS: Final[Roles] = frozenset({"admin", "ops", "lead", "auditor"})
"""Who looks into the administration; what he may change there, each page says."""
INBOXES: Final[Roles] = EVERYBODY - {"auditor"}


class Entry(NamedTuple):
    path: str
    title: str
    icon: str
    roles: Roles


MENU: Final = (
    Entry("/", "今日", "home", EVERYBODY),
    Entry("/ask", "提问", "message-plus", HOSPITAL | STAFF),
    Entry("/cases", "工单", "ticket", WITH_HOSPITALS),
    Entry("/outages", "群体故障", "urgent", READERS),
    Entry("/inbox", "通知", "bell", INBOXES),
    Entry("/duty", "值班", "calendar-user", READERS),
    Entry("/institutions", "机构", "building-hospital", WITH_HOSPITALS | {"admin"}),
    Entry("/knowledge", "知识", "book", WITH_HOSPITALS),
    Entry("/reports", "统计", "chart-bar", FIGURES),
    Entry("/reconciliations", "对账", "scale", FIGURES),
    Entry("/obligations", "事项", "calendar-due", WITH_HOSPITALS),
    Entry("/training", "培训", "school", READERS),
    Entry("/wall", "大屏", "device-tv", DESK | {"officer"}),
    Entry("/admin", "管理", "settings", RUNNERS),
)


def menu_of(role: Role) -> tuple[Entry, ...]:
    """What this role may open."""
    return tuple(entry for entry in MENU if role in entry.roles)
