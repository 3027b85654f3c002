"""What a loop does with messages, said once for every world."""

from uuid import uuid4

import pytest

import chassis.folding
import chassis.loop
from chassis import deadletter
from contracts.case import AssignCase
from contracts.channel import ChannelMessage
from contracts.envelope import Actor
from tests.chassis.deals import check
from tests.chassis.ledger import Ledger, ledger_of
from tests.chassis.trouble import Heard, Narrow, Overtaken, Unreachable
from tests.chassis.world import World, handle_next, idle, loop_in, send, settle
from tests.support.make import NOON, message

ZHAO = Actor(kind="staff", id="zhao")


def assign(conversation: str, assignee: str = "zhao") -> AssignCase:
    return AssignCase(id=uuid4(), occurred_at=NOON, actor=ZHAO, case_id=ledger_of(conversation), assignee=assignee)


class HandlingSuite:
    async def test_a_message_becomes_one_document_and_its_events(self, world: World) -> None:
        sent = message("m1", "one\ntwo", conversation="c")
        await send(world, sent)
        await settle(world)
        document = (await world.ledgers())[ledger_of("c")]
        assert (document.state, document.version, document.causes) == (Ledger(("one", "two")), 2, {sent.cause_id})
        events = [stored.event for stored in await world.stream("CASE")]
        assert [(e["text"], e["version"], e["cause_id"]) for e in events] == [
            ("one", 1, str(sent.cause_id)),
            ("two", 2, str(sent.cause_id)),
        ]

    async def test_a_redelivered_message_says_the_very_same_events_again_and_changes_nothing(
        self, world: World
    ) -> None:
        sent = [message("m1", "one\ntwo"), message("m2", "three", conversation="d")]
        first, second = Heard(world.outbox), Heard(world.outbox)
        await send(world, *sent)
        await settle(world, loop_in(world, outbox=first))
        before = {i: (d.state, d.version) for i, d in (await world.ledgers()).items()}
        await send(world, *sent)
        await settle(world, loop_in(world, outbox=second))
        assert {i: (d.state, d.version) for i, d in (await world.ledgers()).items()} == before
        assert [(o.id, o.body) for o in first.out] == [(o.id, o.body) for o in second.out]
        assert [s.body for s in await world.stream("CASE")] == [o.body for o in first.out]

    async def test_a_message_that_comes_twice_in_one_batch_counts_once(self, world: World) -> None:
        once = message("m1", "one")
        await send(world, once, once, once)
        await settle(world)
        await check(world, [once])

    async def test_an_undecodable_message_goes_to_the_dead_letters_alone_byte_for_byte(self, world: World) -> None:
        good = [message("m1", "one"), message("m2", "two")]
        await send(world, good[0])
        await world.put("channel.in.wechat", broken := b'\xff{"text": \x00')
        await send(world, good[1])
        await handle_next(world, loop_in(world))
        await idle(world)
        [letter] = await world.stream("DEAD")
        assert (letter.subject, letter.body) == ("dead.CHANNEL.intake-channel", broken)
        assert letter.headers[deadletter.SUBJECT] == "channel.in.wechat"
        assert letter.headers[deadletter.SEQUENCE] == "2"
        assert "JSON" in deadletter.decode(letter.headers[deadletter.REASON])
        assert [s.event["text"] for s in await world.stream("CASE")] == ["one", "two"]

    async def test_what_the_fold_will_never_accept_is_a_dead_letter_at_once(self, world: World) -> None:
        await send(world, message("m1", "never"), message("m2", "two"))
        await handle_next(world, loop_in(world))
        [letter] = await world.stream("DEAD")
        assert deadletter.decode(letter.headers[deadletter.REASON]) == "永远不收"
        assert letter.headers[deadletter.DELIVERIES] == "1"
        assert [s.event["text"] for s in await world.stream("CASE")] == ["two"]

    async def test_a_known_id_with_other_content_is_a_dead_letter(self, world: World) -> None:
        await send(world, message("m1", "one"), message("m1", "other"))
        await settle(world)
        await send(world, message("m1", "another"), message("m1", "one"))
        await settle(world)
        letters = await world.stream("DEAD")
        assert [ChannelMessage.model_validate_json(s.body).text for s in letters] == ["other", "another"]
        assert [s.event["text"] for s in await world.stream("CASE")] == ["one"]

    async def test_a_fold_that_raises_is_tried_again_and_finally_becomes_a_dead_letter(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chassis.folding, "DELAYS_S", (0.02,) * 5)
        await send(world, message("m1", "one"), message("m2", "bug"), message("m3", "three"))
        await handle_next(world, loop_in(world))
        assert [s.event["text"] for s in await world.stream("CASE")] == ["one", "three"]
        assert not await world.stream("DEAD")
        await settle(world)
        [letter] = await world.stream("DEAD")
        assert letter.headers[deadletter.DELIVERIES] == "6"
        assert "ValueError" in deadletter.decode(letter.headers[deadletter.REASON])

    @pytest.mark.parametrize("known", [[], [message("m0", "zero")]], ids=["new", "known"])
    @pytest.mark.parametrize("times", [1, 3])
    async def test_a_lost_race_is_folded_anew_and_nothing_is_lost(
        self, world: World, known: list[ChannelMessage], times: int
    ) -> None:
        await send(world, *known)
        await settle(world)
        rivals = [message(f"r{n}", f"rival {n}") for n in range(times)]
        left = iter(rivals)

        async def rival() -> None:
            await send(world, next(left))
            await handle_next(world, loop_in(world), most=1)

        mine = [message("m1", "one\ntwo"), message("m2", "three"), message("m3", "elsewhere", conversation="d")]
        await send(world, *mine)
        await handle_next(world, loop_in(world, store=Overtaken(world.store, rival, times)))
        await settle(world)  # on a busy machine a rival may have been handed one of mine for a second time
        await check(world, [*known, *rivals, *mine])

    async def test_an_outage_hands_back_the_whole_batch_though_a_part_of_it_was_buried(self, world: World) -> None:
        await world.put("channel.in.wechat", b"{}")
        await send(world, message("m1", "one"), message("m2", "two", conversation="d"))
        await settle(world, loop_in(world, store=Unreachable(world.store)))
        assert [s.event["text"] for s in await world.stream("CASE")] == ["one", "two"]
        assert len(await world.stream("DEAD")) == 1

    async def test_what_no_server_takes_is_a_dead_letter_in_the_end_and_the_others_go_on(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(chassis.loop, "DELAYS_S", (0.02,) * 5)
        vast = [message(f"v{n}", f"{n}" + "沉" * 40, conversation="vast") for n in range(4)]
        await send(world, *vast, message("m1", "one"), message("m2", "two", conversation="d"))
        await settle(world, loop_in(world, store=Narrow(world.store)))
        letters = [ChannelMessage.model_validate_json(s.body) for s in await world.stream("DEAD")]
        assert letters and {m.conversation_id for m in letters} == {"vast"}
        assert {"one", "two"} <= {s.event["text"] for s in await world.stream("CASE")}
        [letter, *_] = await world.stream("DEAD")
        assert "内容过大" in deadletter.decode(letter.headers[deadletter.REASON])

    async def test_a_command_is_answered_with_what_became_of_it(self, world: World) -> None:
        await send(world, message("m1", "one", conversation="c"))
        await settle(world)
        inbox = await world.listen()
        wishes = [assign("c"), assign("c", "qian"), assign("nobody")]
        for wish in [*wishes, wishes[0]]:  # the first comes again at the end
            await world.put(wish.type, wish.model_dump_json().encode(), reply_to=inbox)
        await settle(world, stream="COMMAND")
        replies = await world.replies(inbox, 4)
        told = sorted((wishes.index(next(w for w in wishes if w.id == r.command_id)), r.ok, r.code) for r in replies)
        assert told == [(0, True, ""), (0, True, ""), (1, False, "assigned"), (2, False, "not_found")]
        assert {(r.aggregate_id, r.version) for r in replies if r.ok} == {(str(ledger_of("c")), 2)}
        assert [s.subject for s in await world.stream("CASE")] == ["case.message_added", "case.assigned"]
