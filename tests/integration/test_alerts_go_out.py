"""From an event to people's telephones and back: rules, providers, fallback, escalation, acknowledgement, settling."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from chassis.outgoing import Outgoing
from chassis.posting import signed
from contracts.case import CaseClosed, CaseResponded
from contracts.envelope import SYSTEM, Event
from contracts.knowledge import ArticlePublished, ArticleSubmitted
from contracts.sla import SlaBreached
from tests.support.desk import Desk, desk_in
from tests.support.providers import Vendors, vendors
from tests.support.providers.core import BROKEN, Taken
from tests.support.providers.sections import addresses, written
from tests.support.wait import until

pytestmark = pytest.mark.real
WANG = {"X-Yibao-Staff": "wang"}
SECRET = "receipts-secret-of-tests"
Json = dict[str, Any]


class Office:
    """A desk whose notify reaches people by vendors of the test's own."""

    def __init__(self, desk: Desk, there: Vendors) -> None:
        self.desk, self.there = desk, there

    async def reachable(self, key: str, *providers: str, **wishes: Any) -> None:
        known = addresses(self.there)
        endpoints = [{"provider": p, "address": known[p]} for p in providers]
        path = self.desk.url("notify", f"/settings/recipients/{key}")
        answer = await self.desk.http.put(path, json={"endpoints": endpoints, **wishes}, headers=WANG)
        assert answer.status_code == 200, answer.text

    async def tell(self, *events: Event) -> None:
        await self.desk.outbox.publish([Outgoing(e.type, e.model_dump_json().encode(), str(e.id)) for e in events])

    async def alert(self, rule: str, case: UUID) -> Json:
        """The alert of this rule about this case, once there is one."""
        found: list[Json] = []

        async def look() -> bool:
            collection = self.desk.mongo[self.desk.settings.mongo_db]["alerts"]
            query = {"state.case_id": case, "state.rule": rule, "state.count": {"$ne": 0}}
            found[:] = [raw["state"] async for raw in collection.find(query)]
            return bool(found)

        await until(f"there is an alert {rule}", look)
        return found[0]

    async def states(self, rule: str, case: UUID, wanted: list[tuple[str, str]]) -> Json:
        """The alert, once its deliveries by providers are as wanted."""
        last: list[Any] = []

        async def look() -> bool:
            alert = await self.alert(rule, case)
            outward = [d for d in alert["deliveries"] if d["provider"] != "inbox"]
            last[:] = [(d["provider"], d.get("state", "queued")) for d in outward]
            return last == wanted

        try:
            await until(f"deliveries are {wanted}", look)
        except AssertionError:
            raise AssertionError(f"{last} is not {wanted}") from None
        return await self.alert(rule, case)


def clock_event(type_: type[Event], case: UUID, **facts: Any) -> Event:
    now = datetime.now(UTC)
    envelope = {"id": uuid4(), "cause_id": uuid4(), "correlation_id": case, "version": 3, "actor": SYSTEM,
                "occurred_at": now, "recorded_at": now, "case_id": case, "number": f"YB-{case.hex[:6]}"}  # fmt: skip
    clock = {"clock": "first_response", "cycle": 1, "due_at": now, "assignee": "wang", "late_ms": 1,
             "threshold": "100%", "targets": ("assignee",)}  # fmt: skip
    return type_.model_validate({**envelope, **clock, **facts})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    home: Path = tmp_path_factory.mktemp("alerts")
    async with vendors() as there:
        file = written(there, home / "providers.yaml", receipts={"secret": SECRET})
        async with desk_in(home, "notify", YIBAO_NOTIFY_PROVIDERS=str(file)) as desk:
            yield Office(desk, there)


def about(taken: list[Taken], case: UUID) -> list[Taken]:
    return [t for t in taken if case.hex[:6] in t.text]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_breach_rings_on_the_first_way_of_its_assignee(office: Office) -> None:
    case = uuid4()
    await office.reachable("staff:wang", "app", "sms")
    await office.tell(clock_event(SlaBreached, case))
    alert = await office.states("breach", case, [("app", "delivered")])
    [message] = about(office.there.app.taken, case)
    assert message.to == "zhang" and "超时" in message.text
    assert alert["deliveries"][-1]["provider_id"]


@pytest.mark.asyncio(loop_scope="module")
async def test_where_the_first_way_is_broken_the_next_one_is_taken(office: Office) -> None:
    case = uuid4()
    await office.reachable("staff:wang", "feishu", "mail")
    office.there.feishu.misbehave(case.hex[:6], BROKEN, BROKEN, BROKEN)
    await office.tell(clock_event(SlaBreached, case))
    await office.states("breach", case, [("feishu", "failed"), ("mail", "delivered")])
    assert about(office.there.feishu.taken, case) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_an_answer_to_the_requester_stops_what_is_still_going_on_about_the_case(office: Office) -> None:
    case = uuid4()
    await office.reachable("staff:wang", "webhook")
    await office.tell(clock_event(SlaBreached, case))
    alert = await office.states("breach", case, [("webhook", "delivered")])
    assert alert["calls"] and alert["live"]
    responded = {"first": True, "via": "channel", "text": "已处理"}
    await office.tell(clock_event(CaseResponded, case, **responded))

    async def settled() -> bool:
        return "settled_at" in await office.alert("breach", case)

    await until("the alert is settled", settled)
    assert "calls" not in await office.alert("breach", case)


@pytest.mark.asyncio(loop_scope="module")
async def test_what_waits_for_a_review_waits_until_it_is_published_not_until_its_case_is_closed(office: Office) -> None:
    case = uuid4()
    article = {"article_id": uuid4(), "title": "2207 超时", "question": "q", "answer": "a", "category": "结算支付"}
    await office.tell(clock_event(ArticleSubmitted, case, **article))
    await office.alert("knowledge_submitted", case)
    await office.tell(clock_event(CaseClosed, case, reason="staff"))
    await office.tell(clock_event(ArticlePublished, case, **article))

    async def settled() -> bool:
        return "settled_at" in await office.alert("knowledge_submitted", case)

    await until("the alert is settled", settled)
    assert (await office.alert("knowledge_submitted", case))["settled_because"] == f"知识 YB-{case.hex[:6]} 已发布"


@pytest.mark.asyncio(loop_scope="module")
async def test_acknowledging_one_alert_ends_the_others_about_the_same_case(office: Office) -> None:
    case = uuid4()
    await office.reachable("staff:wang", "webhook")
    await office.tell(clock_event(SlaBreached, case), clock_event(SlaBreached, case, clock="resolution"))
    collection = office.desk.mongo[office.desk.settings.mongo_db]["alerts"]

    async def both() -> bool:
        return await collection.count_documents({"state.case_id": case, "state.live": True}) == 2

    await until("both alerts call", both)
    one = await collection.find_one({"state.case_id": case, "state.clock": "resolution"})
    assert one is not None
    path = office.desk.url("notify", f"/alerts/{one['_id']}/acknowledge")
    assert (await office.desk.http.post(path, headers=WANG)).status_code == 200

    async def none() -> bool:
        return await collection.count_documents({"state.case_id": case, "state.live": True}) == 0

    await until("nobody is called any more", none)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_storm_becomes_a_digest_and_nobody_gets_more_than_the_limit(office: Office) -> None:
    await office.reachable("staff:storm", "robot")
    before = len(office.there.robot.taken)
    await office.tell(*(clock_event(SlaBreached, uuid4(), assignee="storm") for _ in range(400)))
    collection = office.desk.mongo[office.desk.settings.mongo_db]["alerts"]
    query = {"state.bundle.recipient": "staff:storm"}

    async def gathered() -> bool:
        found = [raw["state"]["bundle"] async for raw in collection.find(query)]
        return sum(sum(b["by_rule"].values()) for b in found) >= 340

    await until("the rest is gathered", gathered)
    assert len(office.there.robot.taken) - before <= 60  # two windows of the desk's limit at most
    raw = [raw async for raw in collection.find({"state.deliveries.recipient": "staff:storm", "state.rule": "breach"})]
    lines = sum("digest" in d for one in raw for d in one["state"]["deliveries"] if d["recipient"] == "staff:storm")
    assert len(raw) == 400 and lines >= 340

    async def all_told() -> bool:
        return lines + len(office.there.robot.taken) - before == 400

    await until("who is no line of a digest is told at once", all_told)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_receipt_of_the_provider_says_that_it_was_read_however_often_it_comes(office: Office) -> None:
    case = uuid4()
    await office.reachable("staff:wang", "webhook")
    await office.tell(clock_event(SlaBreached, case))
    alert = await office.states("breach", case, [("webhook", "delivered")])
    said = [{"id": alert["deliveries"][-1]["provider_id"], "receipt": "read", "at": datetime.now(UTC).isoformat()}]
    body = json.dumps(said).encode()
    url = office.desk.url("notify", "/receipts/webhook")
    for _ in range(3):
        answer = await office.desk.http.post(url, content=body, headers=signed(SECRET, body))
        assert answer.json() == {"taken": 1, "unknown": 0}
    await office.states("breach", case, [("webhook", "read")])
    history = await office.desk.get("notify", f"/alerts/{alert['id']}")
    assert json.dumps(history, ensure_ascii=False).count('"read_at"') >= 1
    forged = await office.desk.http.post(url, content=body, headers=signed("another-secret", body))
    assert forged.status_code == 403
