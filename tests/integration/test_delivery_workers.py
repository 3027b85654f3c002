"""From the queue to the provider: a delivery goes out once, urgent first, and the alert knows what became of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from nats.js.errors import NotFoundError

from chassis.outgoing import Outgoing
from chassis.posting import Declined, Later, SendFailed
from contracts.delivery import Handover
from services.notify.alerts.model import Delivery
from services.notify.providers import bucket, gcra
from services.notify.providers.breaker import AFTER
from services.notify.providers.bucket import Bucket, Unlimited
from services.notify.providers.claims import Claims, report_of
from services.notify.providers.gcra import Pace, pace_of
from services.notify.providers.gone import clear
from services.notify.providers.queues import Queue, durables, provide, strangers
from services.notify.providers.receipting import Reported
from services.notify.providers.receipts import Receipts
from services.notify.providers.way import Way
from services.notify.transports.port import Letter, Sent
from tests.integration.deliveries import Post, Vendor, letter_of, post_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    async with post_in(tmp_path_factory.mktemp("deliveries")) as post:
        yield post


def states(deliveries: tuple[Delivery, ...]) -> list[tuple[str, str]]:
    return [(d.provider, d.state) for d in deliveries]


async def came(vendor: Vendor, n: int) -> None:
    async def look() -> bool:
        return len(vendor.letters) >= n

    await until(f"{n} letters came", look)


class Gate:
    """A provider that answers when the test lets it."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def __call__(self, letter: Letter) -> Sent:
        await self.open.wait()
        return Sent("late")


async def test_a_delivery_goes_out_once_and_the_alert_says_so(post: Post) -> None:
    vendor = Vendor()
    await post.provider("once", vendor, workers=3)
    alert = await post.tell("once", to=("staff:wang", "staff:li"))
    deliveries = await post.settled(alert)
    assert states(deliveries) == [("once", "delivered")] * 2
    assert {d.provider_id for d in deliveries} == {f"theirs-{alert}.0", f"theirs-{alert}.1"}
    assert sorted(v.address for v in vendor.letters) == ["staff:li@once", "staff:wang@once"]
    assert not any(d.repeated for d in deliveries)
    await post.idle("once")


async def test_an_urgent_one_overtakes_a_backlog_and_waits_only_for_what_is_in_hand(post: Post) -> None:
    gate = Gate()
    vendor = Vendor(gate)
    way = await post.way("busy", vendor)
    await asyncio.gather(*(post.tell("busy") for _ in range(30)))
    await post.queued("busy", 30)
    await post.hire(way)
    await came(vendor, 1)
    urgent = await post.tell("busy", urgency="urgent")
    await post.queued("busy", 31)
    gate.open.set()
    await came(vendor, 2)
    assert vendor.letters[1].alert_id == str(urgent)
    await came(vendor, 31)
    assert [letter.urgency for letter in vendor.letters].count("urgent") == 1


async def test_nothing_is_taken_from_the_queue_while_the_limit_has_no_token(post: Post) -> None:
    limit = Bucket(post.db["budgets"], "slow", pace_of(1, 600, 1))
    vendor = Vendor()
    await post.provider("slow", vendor, limit, workers=4)
    first = await post.tell("slow")
    await post.settled(first)
    await asyncio.gather(*(post.tell("slow") for _ in range(5)))
    await post.queued("slow", 5)
    infos = [await post.js.consumer_info(d.stream, d.name) for d in durables("slow")]
    assert sum(i.num_ack_pending or 0 for i in infos) == 0
    assert len(vendor.letters) == 1


async def test_a_restart_does_not_forget_the_budget_and_replicas_share_it(post: Post) -> None:
    pace = pace_of(2, 600, 2)
    before, after = (Bucket(post.db["budgets"], "shared", pace) for _ in range(2))
    assert await before.attempt() == 0
    assert await after.attempt() == 0
    assert 0 < await before.attempt() <= 300
    assert 0 < await Bucket(post.db["budgets"], "shared", pace).ready_in() <= 300
    await after.refund()
    assert await before.attempt() == 0


async def test_a_pause_that_the_provider_asks_for_holds_for_every_replica(post: Post) -> None:
    pace = pace_of(100, 1, 50)
    one, other = (Bucket(post.db["budgets"], "paused", pace) for _ in range(2))
    assert await one.attempt() == 0
    await one.push(500)
    await one.refund()
    assert 490 < await other.attempt() <= 500


@pytest.mark.parametrize("pace", [Pace(1_000.0, 3_000.0), Pace(20 / 3, 0.0), pace_of(20, 60, 5)])
async def test_the_database_computes_what_the_arithmetic_says(post: Post, pace: Pace) -> None:
    rows, now, tat = post.db["arithmetic"], 1_795_000_000_000.0, 0.0
    await rows.delete_many({})

    async def change(stages: Any) -> dict[str, Any]:
        row = await rows.find_one_and_update({"_id": "x"}, stages, upsert=True, return_document=True)
        assert row is not None
        return row

    for gap in (0, 0, 1, 5, 700, 0, 0, 0, 0, 1_500, 3, 9_000, 0, 0, 0, 0, 0):
        now += gap
        tat, wait = gcra.taken(tat, now, pace)
        row = await change(bucket.take(pace, now))
        assert (row["tat"], row["wait"]) == (tat, wait)
        assert row["next"] == gcra.wait_of(tat, now, pace)
    tat = gcra.pushed(tat, now, 4_000.0, pace)
    assert (await change(bucket.push(pace, 4_000.0, now)))["tat"] == tat
    assert (await change(bucket.refund(pace, now)))["tat"] == max(gcra.refunded(tat, now + 4_000.0, pace), now)


async def test_what_a_provider_refuses_goes_by_the_next_one(post: Post) -> None:
    vendor = Vendor()
    await post.provider("refusing", Vendor(Declined("号码无效")))
    await post.provider("taking", vendor)
    deliveries = await post.settled(await post.tell("refusing", "taking"))
    assert states(deliveries) == [("refusing", "failed"), ("taking", "delivered")]
    assert deliveries[0].reason == "号码无效"


async def test_without_an_address_nothing_is_sent_and_the_reason_says_whose_is_missing(post: Post) -> None:
    vendor = Vendor()
    await post.provider("unknown-there", vendor)
    deliveries = await post.settled(await post.tell("unknown-there", to=("staff:nowhere",)))
    assert states(deliveries) == [("unknown-there", "failed")]
    assert deliveries[0].reason == "staff:nowhere 没有登记 unknown-there 的地址"
    assert not vendor.letters


async def test_what_a_provider_cannot_take_now_is_tried_again(post: Post) -> None:
    vendor = Vendor(Later("连不上"))
    await post.provider("shaky", vendor)
    deliveries = await post.settled(await post.tell("shaky"))
    assert states(deliveries) == [("shaky", "delivered")]
    assert (deliveries[0].attempt, deliveries[0].repeated) == (2, False)
    assert [letter.repeat for letter in vendor.letters] == [False, False]


@pytest.mark.parametrize("how", ["silent", "unsure"])
async def test_what_may_have_gone_out_goes_again_marked_as_a_repetition(post: Post, how: str) -> None:
    vendor = Vendor(Gate() if how == "silent" else SendFailed("没有应答", unsure=True))
    await post.provider(how, vendor, timeout_s=0.3)
    [delivery] = await post.settled(await post.tell(how))
    assert (delivery.state, delivery.repeated) == ("delivered", True)
    assert [letter.repeat for letter in vendor.letters] == [False, True]
    assert len({letter.id for letter in vendor.letters}) == 1


async def test_a_transport_with_a_fault_is_tried_again_and_its_words_are_kept_nowhere(post: Post) -> None:
    await post.provider("faulty", Vendor(RuntimeError("13812345678")))
    alert = await post.tell("faulty")
    assert states(await post.settled(alert)) == [("faulty", "delivered")]
    assert "13812345678" not in str([r.model_dump() for r in await post.reports(alert)])


async def test_an_id_that_cannot_be_stored_is_no_reason_to_lose_the_delivery(post: Post) -> None:
    async def odd(letter: Letter) -> Sent:
        return Sent("biz-\ud800")

    await post.provider("odd-id", Vendor(odd))
    [delivery] = await post.settled(await post.tell("odd-id"))
    assert (delivery.state, delivery.provider_id) == ("delivered", "biz-?")


async def test_a_busy_answer_pauses_the_provider_for_everybody(post: Post) -> None:
    limit = Bucket(post.db["budgets"], "throttled", pace_of(1_000, 1, 100))
    vendor = Vendor(Later("限流", 300))
    await post.provider("throttled", vendor, limit)
    first = await post.tell("throttled", "once")
    await came(vendor, 1)

    async def pushed() -> bool:
        return await Bucket(post.db["budgets"], "throttled", pace_of(1_000, 1, 100)).ready_in() > 290

    await until("the pause is known", pushed)
    await post.tell("throttled")
    await post.queued("throttled", 1)
    assert len(vendor.letters) == 1
    assert (await post.deliveries(first))[0].attempt == 2


async def test_a_provider_that_keeps_failing_is_left_alone_and_all_goes_another_way(post: Post) -> None:
    dead, vendor = Vendor(*(Later("连不上") for _ in range(100))), Vendor()
    await post.provider("dead", dead)
    await post.provider("alive", vendor)
    for _ in range(AFTER):
        await post.settled(await post.tell("dead", "alive"))
    alerts = [await post.tell("dead", "alive") for _ in range(10)]
    for alert in alerts:
        assert states(await post.settled(alert)) == [("dead", "failed"), ("alive", "delivered")]
    assert len(dead.letters) == AFTER
    assert (await post.deliveries(alerts[0]))[0].reason == "发送服务连续出错, 暂停使用"


async def test_a_provider_that_hangs_delays_nobody_else(post: Post) -> None:
    gate, vendor = Gate(), Vendor()
    hanging = Vendor(*[gate] * 4)
    await post.provider("hanging", hanging, workers=2, timeout_s=15)
    await post.provider("quick", vendor)
    for _ in range(4):
        await post.tell("hanging")
    await came(hanging, 2)
    alerts = [await post.tell("quick") for _ in range(20)]
    for alert in alerts:
        assert states(await post.settled(alert)) == [("quick", "delivered")]
    assert len(hanging.letters) == 2
    gate.open.set()


async def test_what_a_lost_worker_had_claimed_waits_for_its_lease_and_then_goes_out_as_a_repetition(post: Post) -> None:
    vendor = Vendor()
    way = await post.way("orphaned", vendor)
    alert = await post.tell("orphaned")
    await post.queued("orphaned", 1)
    lost = await Queue(post.nc, post.js, "orphaned").take()
    handover = Handover.model_validate_json(lost.delivery.data)
    assert await post.claims.claim(handover, "lost-worker", lease_s=2) == "send"
    assert await post.claims.claim(handover, "another", lease_s=2) == "wait"
    assert await post.claims.claim(handover, "lost-worker", lease_s=2) == "send"
    await lost.delivery.nak(0)
    await post.hire(way)
    [delivery] = await post.settled(alert)
    assert (delivery.state, delivery.repeated) == ("delivered", True)
    assert [letter.repeat for letter in vendor.letters] == [True]


async def test_a_message_that_was_reported_already_is_dropped(post: Post) -> None:
    vendor = Vendor()
    way = await post.way("twice", vendor)
    alert = await post.tell("twice")
    await post.queued("twice", 1)
    taken = await Queue(post.nc, post.js, "twice").take()
    handover = Handover.model_validate_json(taken.delivery.data)
    assert await post.claims.claim(handover, "first", lease_s=20) == "send"
    for _ in range(3):  # killed before it was acknowledged, and reported anew
        await post.claims.report(report_of(handover, "first", datetime.now(UTC), outcome="sent", provider_id="p1"))
    await taken.delivery.nak(0)
    await post.hire(way)
    await post.idle("twice")
    [delivery] = await post.deliveries(alert)
    assert (delivery.state, delivery.provider_id, delivery.repeated) == ("delivered", "p1", False)
    assert not vendor.letters
    assert len(await post.reports(alert)) == 1


async def test_what_somebody_has_acknowledged_meanwhile_is_not_sent(post: Post) -> None:
    vendor = Vendor()
    way = await post.way("late", vendor)
    alert = await post.tell("late")
    await post.queued("late", 1)
    await post.acknowledge(alert)
    await post.settled(alert)
    await post.hire(way)
    await post.idle("late")
    assert not vendor.letters


async def test_who_stops_sends_to_the_end_what_is_in_hand(post: Post) -> None:
    gate = Gate()
    vendor = Vendor(gate)
    way = await post.way("stopping", vendor)
    [worker] = await post.hire(way)
    alert = await post.tell("stopping")
    await came(vendor, 1)
    worker.cancel()
    gate.open.set()
    await asyncio.wait({worker})
    [delivery] = await post.settled(alert)
    assert (delivery.state, delivery.repeated, delivery.provider_id) == ("delivered", False, "late")


async def test_who_is_stopped_in_the_middle_of_a_long_sending_says_that_it_may_have_gone_out(post: Post) -> None:
    vendor = Vendor(Gate())
    way = await post.way("cut-off", vendor)
    [worker] = await post.hire(way)
    alert = await post.tell("cut-off")
    await came(vendor, 1)
    worker.cancel()
    await asyncio.wait({worker})
    await post.hire(way)
    [delivery] = await post.settled(alert)
    assert (delivery.state, delivery.repeated) == ("delivered", True)
    assert [letter.repeat for letter in vendor.letters] == [False, True]


async def test_what_waits_for_a_provider_that_is_gone_goes_another_way_and_its_consumers_go(post: Post) -> None:
    vendor = Vendor()
    way = await post.way("gone", None)
    await post.provider("instead", vendor)
    alerts = [await post.tell("gone", "instead", urgency=u) for u in ("urgent", "normal", "low")]
    await post.queued("gone", 3)
    configured = post.addresses - {"gone"}
    assert await strangers(post.js, configured) == {"gone"}
    before = len(post.nc._subs)
    await clear(post.js, ["gone"], lambda name: way)
    assert len(post.nc._subs) < before
    for alert in alerts:
        deliveries = await post.settled(alert)
        assert states(deliveries) == [("gone", "failed"), ("instead", "delivered")]
        assert deliveries[0].reason == "该发送服务已停用"
    for durable in durables("gone"):
        with pytest.raises(NotFoundError):
            await post.js.consumer_info(durable.stream, durable.name)
    assert await strangers(post.js, configured) == set()


async def test_messages_to_a_provider_that_never_was_are_found_too(post: Post) -> None:
    alert = await post.tell("never-was", "once")

    async def found() -> bool:
        return "never-was" in await strangers(post.js, post.addresses)

    await until("the stranger is found", found)
    await clear(post.js, ["never-was"], lambda name: _idle_way(post, name))
    assert (await post.settled(alert))[0].state == "failed"


def _idle_way(post: Post, name: str) -> Way:
    queue = Queue(post.nc, post.js, name)
    return Way(name, queue, Unlimited(), post.claims, post.outbox, None, post.address_of, letter_of, 1.0)


async def test_consumers_that_somebody_has_deleted_are_made_anew(post: Post) -> None:
    vendor = Vendor()
    await post.provider("deleted", vendor)
    await post.settled(await post.tell("deleted"))
    for durable in durables("deleted"):
        await post.js.delete_consumer(durable.stream, durable.name)
    assert states(await post.settled(await post.tell("deleted"))) == [("deleted", "delivered")]


async def test_what_is_no_handover_is_a_dead_letter_and_holds_up_nobody(post: Post) -> None:
    vendor = Vendor()
    way = await post.way("odd", vendor)
    await post.outbox.publish([Outgoing("delivery.normal.odd", b"{}")])
    alert = await post.tell("odd")
    await post.hire(way)
    assert states(await post.settled(alert)) == [("odd", "delivered")]
    dead = await post.js.get_last_msg("DEAD", "dead.DELIVERY.notify-delivery-odd-normal")
    assert dead.data == b"{}"


async def test_the_words_of_many_workers_share_a_few_batches(post: Post) -> None:
    class Counting:
        batches: list[int] = []  # noqa: RUF012

        async def publish(self, outgoing: Any) -> None:
            self.batches.append(len(outgoing))
            await post.outbox.publish(outgoing)

    counting: Any = Counting()
    claims = Claims(post.nc, counting)
    await claims.start()
    await provide(post.js, "many")
    alert = await post.tell("many", to=tuple(f"staff:{n}" for n in range(60)))
    await post.queued("many", 60)
    queue = Queue(post.nc, post.js, "many")
    handovers = [Handover.model_validate_json((await queue.take()).delivery.data) for _ in range(60)]
    codes = await asyncio.gather(*(claims.claim(h, f"w{n}", 20) for n, h in enumerate(handovers)))
    assert set(codes) == {"send"}
    assert sum(counting.batches) == 60
    assert len(counting.batches) <= 3
    assert {d.state for d in await post.deliveries(alert)} == {"sending"}


async def test_a_receipt_finds_its_delivery_by_either_name_and_only_the_provider_s_own(post: Post) -> None:
    await post.provider("reporting", Vendor())
    receipts = Receipts(post.db, post.outbox, {})
    alert = await post.tell("reporting", to=("staff:wang", "staff:li"))
    first, _ = await post.settled(alert)
    now = datetime.now(UTC)
    said = [Reported((alert, 1), "received", now, ""), Reported(first.provider_id, "read", now, "")]
    assert await receipts.take("another", said, now) == (0, 2)
    for _ in range(2):  # providers repeat themselves
        assert await receipts.take("reporting", [*said, *said], now) == (2, 0)
    assert await receipts.take("reporting", [Reported((alert, 9), "read", now, "")], now) == (0, 1)

    async def known() -> bool:
        first, second = await post.deliveries(alert)
        return first.state == "read" and second.received_at is not None

    await until("both receipts are in the alert", known)
    stored = await post.js.stream_info("NOTIFY", subjects_filter="notify.received")
    assert sum((stored.state.subjects or {}).values()) == 2
