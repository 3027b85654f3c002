"""Closes what was solved long ago and has been quiet since: nobody has to tidy up, and the command log says who did."""

from datetime import UTC, datetime, timedelta

from chassis.broker import NatsOutbox
from chassis.outgoing import from_command
from contracts.case import CloseCase
from contracts.envelope import SYSTEM, derive_id
from services.intake.store import Cases

MOST = 200


async def close_quiet(cases: Cases, outbox: NatsOutbox, after: timedelta) -> int:
    """Wish that resolved cases untouched for `after` be closed, oldest first; returns how many were found.

    The id follows from case and version, so that several processes wish one thing, and a case that moves on in between
    refuses it.
    """
    now = datetime.now(UTC)
    found = await cases.quiet(now - after, MOST)
    wishes = [
        CloseCase(
            id=derive_id("close quiet", d.id, d.version),
            occurred_at=now,
            actor=SYSTEM,
            case_id=d.id,
            expected_version=d.version,
            reason=f"已解决, {after.days} 天无新消息, 自动关闭",
        )
        for d in found
    ]
    await outbox.publish(list(map(from_command, wishes)))
    return len(wishes)
