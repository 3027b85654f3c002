"""What is known around a message when it is folded: who speaks, why it is in this case, who is on duty.

The store finds it out before the fold (`Cases.locate`), so that the fold stays pure: state, message and this decide.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from chassis.message import Moment
from contracts.case import Why
from contracts.channel import ChannelMessage
from contracts.envelope import derive_id
from services.intake.category.categoriser import Categoriser, by_rules
from services.intake.duty.choose import Duty


class Around(msgspec.Struct, frozen=True):
    """`requester` is the sender's account as an id that cannot be guessed back; `at` is when it was
    said, None where that cannot be true; `claims` are cases whose later
    messages belong to the new one; `duty` is who may be given a new case, `judge` what it is about."""

    requester: UUID
    why: Why = "first"
    at: datetime | None = None
    follows: UUID | None = None
    claims: tuple[UUID, ...] = ()
    staff: bool = False
    contact: str | None = None
    institution_code: str | None = None
    duty: Duty | None = None
    judge: Categoriser = by_rules


def around(moment: Moment, message: ChannelMessage) -> Around:
    """What the store found; where it gave nothing, only what the message says."""
    hint = moment.message.hint
    if isinstance(hint, Around):
        return hint
    return Around(derive_id("identity", message.channel, message.sender.id), staff=message.sender.role == "staff")
