"""Single events as a test says them, and the rows that they make."""

import json
from datetime import datetime, timedelta
from typing import Any

from chassis.zone import BEIJING
from services.stats.operations.folding import Desk
from services.stats.operations.told import Row
from tests.unit.stats.independent.c_line import UNTIL

MORNING = datetime(2026, 10, 9, 9, 0, tzinfo=BEIJING)
CASE = "7c1e9d20-3f4a-5b6c-8d7e-0a1b2c3d4e5f"


def rows(events: list[bytes], until: datetime = UNTIL) -> dict[str, list[Row]]:
    desk = Desk(until)
    for event in events:
        desk.hear(event)
    return {name: list(found) for name, found in desk.tables()}


def said(version: int, type_: str, after_min: float = 0, **facts: Any) -> bytes:
    """An event of one case or of its clock."""
    at = (MORNING + timedelta(minutes=after_min)).isoformat()
    staff = {"kind": "staff", "id": "E001", "name": "赵"}
    event = {"type": type_, "version": version, "occurred_at": at, "recorded_at": at, "actor": staff, "case_id": CASE}
    return json.dumps({**event, "number": "YB-1", **facts}).encode()
