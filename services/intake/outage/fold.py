"""The pure core of outages: suggested by the desk's own observation, confirmed by a person, told to every child.

An outage never changes a case: it wishes, by a command to each child, and every child does as its own state allows.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from chassis.personal.masking import mask, mask_reply
from contracts.case import ResolveCase, RespondToCase
from contracts.envelope import Command, Event
from contracts.outage import (
    AddToOutage,
    BroadcastOutage,
    ConfirmOutage,
    DismissOutage,
    OutageBroadcast,
    OutageCommand,
    OutageConfirmed,
    OutageDismissed,
    OutageResolved,
    ResolveOutage,
    SuggestOutage,
)
from services.intake.outage.growth import Folded, about, expect, grow, joins, suggest
from services.intake.outage.model import Outage

Handler = Callable[[Outage, Moment, Any], Folded]

# Everything that an outage said is in its document, which MongoDB limits to 16 MiB.
MAX_SAID, ENVELOPE = 12_000_000, 800


def fold(outage: Outage | None, moment: Moment) -> Folded:
    """Raises Refused for a command that the outage cannot follow now, NotFound when there is no such outage."""
    command = moment.message.body
    assert isinstance(command, OutageCommand)
    if isinstance(command, SuggestOutage):
        return suggest(moment, command) if outage is None else grow(outage, moment, command)
    if outage is None:
        raise NotFound("not_found", f"没有群体故障 {command.outage_id}: 请核对编号")
    if command.expected_version not in (None, moment.version):
        raise Refused("stale", f"群体故障已有新的变化 (现为第 {moment.version} 版): 请刷新后再试")
    return HANDLERS[type(command)](outage, moment, command)


def _confirm(outage: Outage, moment: Moment, command: ConfirmOutage) -> Folded:
    expect(outage, "suggested")
    title = mask(command.title) if command.title else outage.title
    confirmed = moment.event(OutageConfirmed, title=title, case_ids=outage.cases, **about(outage, moment))
    outage = replace(
        outage, title=title, state="confirmed", confirmed_at=moment.now, confirmed_by=command.actor.id,
        spent=outage.spent + ENVELOPE * len(outage.cases),
    )  # fmt: skip
    return outage, [confirmed, *joins(outage, moment, outage.cases)]


def _dismiss(outage: Outage, moment: Moment, command: DismissOutage) -> Folded:
    expect(outage, "suggested")
    reason = mask(command.reason)
    dismissed = moment.event(OutageDismissed, reason=reason, **about(outage, moment))
    outage = replace(outage, state="dismissed", reason=reason, ended_at=moment.now, ended_by=command.actor.id)
    return outage, [dismissed]


def _broadcast(outage: Outage, moment: Moment, command: BroadcastOutage) -> Folded:
    expect(outage, "confirmed")
    outage, told = _tell(outage, moment, mask_reply(command.text), resolves=False)
    return outage, told


def _resolve(outage: Outage, moment: Moment, command: ResolveOutage) -> Folded:
    """Everybody is told, then every case is resolved; each is confirmed or reopened on its own."""
    expect(outage, "confirmed")
    resolution = mask_reply(command.resolution)
    outage, told = _tell(outage, moment, resolution, resolves=True)
    resolved = moment.event(
        OutageResolved, resolution=resolution, case_ids=outage.cases, **about(outage, moment)
    )  # fmt: skip
    resolves = [moment.command(ResolveCase, case_id=case, resolution=resolution) for case in outage.cases]
    outage = replace(
        outage, state="resolved", resolution=resolution, ended_at=moment.now, ended_by=command.actor.id
    )  # fmt: skip
    return outage, [*told, resolved, *resolves]


def _tell(outage: Outage, moment: Moment, text: str, resolves: bool) -> tuple[Outage, list[Event | Command]]:
    """One answer for each child."""
    cost = len(outage.cases) * (ENVELOPE + len(text.encode())) * (2 if resolves else 1)
    if outage.spent + cost > MAX_SAID:
        raise Refused("too_long", "统一答复乘以工单数超出限制: 请缩短文字后再试, 细节可写入知识库文章")
    facts = {"text": text, "case_ids": outage.cases, "resolves": resolves}
    said: list[Event | Command] = [moment.event(OutageBroadcast, **facts, **about(outage, moment))]
    said += [moment.command(RespondToCase, case_id=case, text=text) for case in outage.cases]
    return replace(outage, broadcasts=(*outage.broadcasts, text), spent=outage.spent + cost), said


HANDLERS: Final[dict[type[OutageCommand], Handler]] = {
    AddToOutage: grow,
    ConfirmOutage: _confirm,
    DismissOutage: _dismiss,
    BroadcastOutage: _broadcast,
    ResolveOutage: _resolve,
}
