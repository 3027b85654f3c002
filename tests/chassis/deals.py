"""Deliveries as a bad day deals them: in any order, some twice, cut anywhere, killed in between."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from contracts.channel import ChannelMessage
from tests.chassis.ledger import Ledger, ledger_of
from tests.chassis.trouble import KilledHalfway, kill_at
from tests.chassis.world import Killed, World, loop_in, send, settle
from tests.support.make import message

STEPS = ("fetched", "written", "half published", "published", "acknowledging")
MESSAGES = [
    message(f"{conversation}{n}", "\n".join(f"{conversation}{n}{line}" for line in "ab"[: 1 + n % 2]),
            conversation=conversation)
    for conversation in "xyz" for n in range(4)
]  # fmt: skip


class Batch(NamedTuple):
    size: int
    killed_at: str | None


class Deal(NamedTuple):
    messages: Sequence[ChannelMessage]
    batches: Sequence[Batch]


@st.composite
def deals(draw: st.DrawFn) -> Deal:
    """Every message once, some again; the batches that are killed come before those that settle the rest."""
    twice = draw(st.lists(st.sampled_from(MESSAGES), max_size=6))
    step = st.none() | st.sampled_from(STEPS)
    batches = draw(st.lists(st.builds(Batch, st.integers(1, 8), step), max_size=6))
    return Deal(draw(st.permutations(MESSAGES + twice)), batches)


async def deal(world: World, dealt: Deal) -> None:
    """Play it and check what must not depend on it."""
    await send(world, *dealt.messages)
    for batch in dealt.batches:
        await _play(world, batch)
    await settle(world)
    await check(world, MESSAGES)


async def _play(world: World, batch: Batch) -> None:
    outbox = KilledHalfway(world.outbox, 1) if batch.killed_at == "half published" else None
    loop = loop_in(world, outbox=outbox, checkpoint=kill_at(batch.killed_at or "never"))
    try:
        if deliveries := await world.inbox("CHANNEL").fetch(batch.size, 1.5):
            await loop.handle(deliveries)
    except Killed:
        assert batch.killed_at


async def check(world: World, messages: Sequence[ChannelMessage]) -> None:
    """Each ledger has heard each line once, each event is stored once, versions have no gap."""
    lines: dict[str, list[str]] = {}
    for sent in messages:
        lines.setdefault(sent.conversation_id, []).extend(sent.text.splitlines())
    ledgers = await world.ledgers()
    assert {i: d.state for i, d in ledgers.items()} == {
        ledger_of(c): Ledger(tuple(sorted(said))) for c, said in lines.items()
    }
    assert {c for d in ledgers.values() for c in d.causes} == {m.cause_id for m in messages}
    events = [stored.event for stored in await world.stream("CASE")]
    assert len(events) == len({e["id"] for e in events}) == sum(map(len, lines.values()))
    for c, said in lines.items():
        own = [e for e in events if e["case_id"] == str(ledger_of(c))]
        assert sorted(e["text"] for e in own) == sorted(said)
        assert sorted(e["version"] for e in own) == list(range(1, ledgers[ledger_of(c)].version + 1))
    assert not await world.stream("DEAD")
