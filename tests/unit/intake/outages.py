"""Outages and their cases in memory, for the tests of detection and of the fold."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.message import Message
from contracts.envelope import Actor, derive_id
from contracts.outage import OutageCommand
from services.intake.outage.alike import Seen
from services.intake.outage.detect import Known
from services.intake.outage.fold import fold
from services.intake.outage.model import Outage
from tests.chassis.folding import Folder
from tests.support.make import NOON

WANG = Actor(kind="staff", id="wang")
OUTAGE = derive_id("outage", "test")
CASES = tuple(derive_id("child", n) for n in range(4))


def seen(n: int, text: str = "2207结算超时", minutes: float = 0, hospital: int | None = None, **more: Any) -> Seen:
    """Case number `n` of a hospital of its own."""
    code = f"H{620102:06d}{n if hospital is None else hospital:05d}"
    return Seen(derive_id("seen", n), NOON + timedelta(minutes=minutes), text, more.pop("institution", code), **more)


def known(outage: Outage, id_: UUID = OUTAGE) -> Known:
    return Known(id_, outage.state, outage.signature, frozenset(outage.cases), outage.ended_at or outage.grown_at)


def outages() -> Folder[Outage]:
    return Folder(fold, _locate)


def _locate(_: Folder[Outage], message: Message) -> UUID:
    assert isinstance(message.body, OutageCommand)
    return message.body.outage_id


def wish(model: type[OutageCommand], n: int = 0, **facts: Any) -> OutageCommand:
    """A person's command; another `n` is another one."""
    return model.model_validate(
        {
            "id": derive_id("wish", model.__name__, n), "occurred_at": NOON, "actor": WANG, "outage_id": OUTAGE,
            **facts,
        }
    )  # fmt: skip


SUGGESTION: dict[str, Any] = {
    "title": "2207结算超时", "signature": "2207|超时", "case_ids": CASES[:3], "institutions": ("H1", "H2", "H3"),
}  # fmt: skip


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def all_ids(found: Sequence[Seen]) -> set[UUID]:
    return {s.id for s in found}
