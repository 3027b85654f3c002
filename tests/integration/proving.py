"""Alerts that no event brings about, for tests of what is made of them."""

from typing import Any
from uuid import UUID, uuid4

from chassis.http import now
from chassis.outgoing import from_command
from contracts.envelope import SYSTEM
from contracts.notify import PostNotice
from tests.support.desk import Desk
from tests.support.wait import until

WANG, NOBODY = {"X-Yibao-Staff": "wang"}, {"X-Yibao-Role": "none"}
Json = dict[str, Any]


async def post(desk: Desk, to: str, title: str = "测试通知", rule: str = "test") -> UUID:
    """A notice, which is an alert when this returns."""
    alert_id = uuid4()
    facts = {"rule": rule, "to": (to,), "title": title, "body": "请确认"}
    command = PostNotice.model_validate(
        {"id": uuid4(), "occurred_at": now(), "actor": SYSTEM, "alert_id": alert_id, **facts}
    )
    await desk.outbox.publish([from_command(command)])
    alerts = desk.mongo[desk.settings.mongo_db]["alerts"]
    await until(f"{title} is an alert", lambda: alerts.find_one({"_id": alert_id}))
    return alert_id
