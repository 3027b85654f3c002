"""Settings of alerts on real servers: from a PUT to what every process knows, and nowhere an address in clear."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from chassis.errors import CannotStart
from chassis.follow import Follower
from chassis.http import application
from chassis.service import Service, running
from chassis.store import connect
from contracts.directory import StaffMember
from services.notify.people.calendars import Calendars
from services.notify.people.picture import People
from services.notify.preferences.key import check_key
from services.notify.preferences.start import ROUTES, start_preferences
from services.notify.preferences.store import SettingStore
from services.notify.settings import NotifySettings
from tests.support.desk import Desk, desk_in
from tests.support.wait import until
from tests.unit.notify.people import account, entry, staff

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

VAULT_KEY = b"1" * 32
KEY = base64.b64encode(VAULT_KEY).decode()
KINDS = {"sms": "sms", "mail": "email", "push": "web_push", "robot": "wecom_robot"}
PHONE = "13800138000"
WANG = {"X-Yibao-Staff": "wang.fang"}
Json = dict[str, Any]


class Notify:
    """The parts of notify that settings are made of, in this process, with another process's picture beside it."""

    def __init__(self, http: httpx.AsyncClient, service: Service, desk: Desk) -> None:
        self.http, self.service, self.desk = http, service, desk
        self.people: People = service.state["people"]

    async def put(self, path: str, body: Json, **headers: str) -> httpx.Response:
        return await self.http.put(path, json=body, headers={**WANG, **headers})

    async def done(self, path: str, body: Json, **headers: str) -> Json:
        answer = await self.put(path, body, **headers)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def post(self, path: str, body: Json) -> httpx.Response:
        return await self.http.post(path, json=body, headers=WANG)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(path, headers=WANG)

    async def get(self, path: str) -> Any:
        return (await self.http.get(path)).json()


@asynccontextmanager
async def notify_on(desk: Desk, key: str = KEY) -> AsyncIterator[Notify]:
    settings = NotifySettings.model_validate(
        {**desk.settings.model_dump(), "secret_key": SecretStr(key), "command_wait_s": 10.0}
    )

    async def start(service: Service) -> None:
        people = People()
        people.hear(entry(staff("wang.fang", account("phone", PHONE))))
        follower = Follower(service.js, "SETTING", people.wishes.hear, people.wishes.forget)
        service.background("settings picture", follower.run())
        await follower.caught_up()
        await start_preferences(service, settings, people, Calendars(), KINDS)

    app = application("notify", "设置", settings, start, ROUTES)
    # Without the framework's lifespan, which has to end in the task that began it.
    async with running("notify", settings, start) as app.state.service:
        transport = httpx.ASGITransport(cast(Any, app))
        async with httpx.AsyncClient(transport=transport, base_url="http://notify", timeout=20) as http:
            yield Notify(http, app.state.service, desk)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("settings")) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def notify(desk: Desk) -> AsyncIterator[Notify]:
    async with notify_on(desk) as notify:
        yield notify


async def stored(notify: Notify) -> str:
    """Everything about settings that is anywhere: documents, and the streams of commands and events."""
    found = [str(raw) async for raw in notify.service.db["settings"].find({})]
    for stream in ("COMMAND", "SETTING"):
        info = await notify.desk.js.stream_info(stream)
        for n in range(info.state.first_seq, info.state.last_seq + 1):
            message = await notify.desk.js.get_msg(stream, n)
            found.append((message.data or b"").decode())
    return "\n".join(found)


async def test_an_address_is_nowhere_in_clear(notify: Notify) -> None:
    path, body = "/settings/recipients/contact:zhao", {"endpoints": [{"provider": "sms", "address": PHONE}]}
    answer = await notify.done(path, body)
    assert "必达" in answer["note"]
    shown = await notify.get(path)
    assert shown["endpoints"][0] | {"shown": ""} == {
        "provider": "sms", "kind": "sms", "shown": "", "at_least": "low", "has_address": True, "configured": True,
    }  # fmt: skip
    everywhere = await stored(notify) + json.dumps(shown) + json.dumps(await notify.get("/settings/recipients"))
    assert PHONE not in everywhere
    assert "sealed" not in json.dumps(shown)

    async def heard() -> bool:
        return notify.people.endpoints("contact:zhao", "low", KINDS) == ("sms",)

    await until("the setting is in memory", heard)
    vault = notify.service.state["vault"]
    assert notify.people.address("contact:zhao", "sms", "sms", vault) == PHONE


async def test_who_was_faster_is_not_overwritten(notify: Notify) -> None:
    path = "/settings/recipients/contact:qian"
    await notify.done(path, {"at_most": 5}, **{"If-Match": '"0"'})
    late = await notify.put(path, {"at_most": 6}, **{"If-Match": '"0"'})
    assert (late.status_code, late.json()["code"]) == (409, "stale")
    await notify.done(path, {"at_most": 7}, **{"If-Match": '"1"'})
    shown = await notify.get(path)
    assert (shown["at_most"], shown["version"], shown["saved_by"]) == (7, 2, "wang.fang")


async def test_preferences_of_a_colleague_are_for_a_lead_to_change(notify: Notify) -> None:
    notify.people.hear(entry(staff("zhou", lead=True)))
    try:
        answer = await notify.put("/settings/recipients/staff:sun", {"at_most": 5})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_yours")
        await notify.done("/settings/recipients/staff:sun", {"at_most": 5}, **{"X-Yibao-Staff": "zhou"})
        await notify.done("/settings/recipients/staff:wang.fang", {"at_most": 5})
    finally:
        notify.people.hear(entry(StaffMember(id="zhou"), version=2))
    assert (await notify.delete("/settings/recipients/staff:wang.fang")).status_code == 200
    assert (await notify.http.put("/settings/recipients/desk", json={})).status_code == 401, "nobody says who asks"


async def test_who_has_set_nothing_sees_how_they_are_reached(notify: Notify) -> None:
    shown = await notify.get("/settings/recipients/staff:wang.fang")
    assert (shown["version"], shown["endpoints"], shown["reached_by"]) == (0, [], ["sms"])
    missing = await notify.http.get("/settings/recipients/staff:nobody")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_what_was_shown_can_be_saved_again_and_a_misspelt_wish_is_refused(notify: Notify) -> None:
    path = "/settings/recipients/contact:wu"
    await notify.done(path, {"endpoints": [{"provider": "sms", "address": PHONE}], "at_most": 3})
    shown = await notify.get(path)
    await notify.done(path, shown)
    again = await notify.get(path)
    assert (again["version"], again["endpoints"], again["at_most"]) == (2, shown["endpoints"], 3)
    wrong = await notify.put(path, {"quite": {"begins": "22:00", "ends": "07:30"}})
    assert (wrong.json()["code"], "quite" in wrong.json()["message"]) == ("unknown_field", True)


async def test_quiet_hours_go_by_a_calendar_that_there_is(notify: Notify) -> None:
    path = "/settings/recipients/contact:li"
    await notify.done(path, {"quiet": {"begins": "22:00", "ends": "07:30", "calendar": "desk"}})
    wrong = await notify.put(path, {"quiet": {"calendar": "dsek"}})
    assert wrong.json()["code"] == "no_calendar"
    assert "desk" in wrong.json()["message"]


async def test_a_browser_is_registered_and_removed(notify: Notify) -> None:
    browser = {"endpoint": "https://push.example/x", "expirationTime": None, "keys": {"p256dh": "p", "auth": "a"}}
    answer = await notify.post("/recipients/staff:wang.fang/web-push", browser)
    assert answer.status_code == 200, answer.text
    shown = await notify.get("/settings/recipients/staff:wang.fang")
    assert [e["provider"] for e in shown["endpoints"]] == ["push", "sms"], "the directory's telephone stays"
    assert (await notify.delete("/settings/recipients/staff:wang.fang/endpoints/push")).status_code == 200
    assert (await notify.delete("/settings/recipients/staff:wang.fang/endpoints/push")).status_code == 404


async def test_a_test_goes_out_as_a_notice_by_one_provider(notify: Notify) -> None:
    await notify.done("/settings/recipients/desk", {"endpoints": [{"provider": "robot"}]})

    async def heard() -> bool:
        return notify.people.endpoints("desk", "low", KINDS) == ("robot",)

    await until("the desk has a robot", heard)
    answer = await notify.post("/recipients/desk/test", {})
    # Nothing answers the command here: what the alerts make of it is told elsewhere.
    assert answer.status_code in (200, 202), answer.text
    body = answer.json()
    assert body["url"] == f"/alerts/{body['alert_id']}"
    said = await notify.desk.js.get_last_msg("COMMAND", "notify.command.post")
    posted = json.loads(said.data or b"")
    assert (posted["to"], posted["only"], posted["alert_id"]) == (["desk"], "robot", body["alert_id"])
    none = await notify.post("/recipients/contact:nobody/test", {})
    assert none.json()["code"] == "no_endpoint"


async def test_a_saved_rule_takes_the_place_of_the_shipped_one_until_it_is_removed(notify: Notify) -> None:
    before = {r["name"]: r for r in await notify.get("/settings/rules")}
    assert before["breach"]["holds"] == "packaged"
    rule = {**before["breach"]["packaged"], "urgency": "high"}
    await notify.done("/settings/rules/breach", rule)
    after = await notify.get("/settings/rules/breach")
    assert (after["holds"], after["saved"]["urgency"], after["packaged"]["urgency"]) == ("saved", "high", "urgent")

    async def heard() -> bool:
        return [r.name for r in notify.people.rules()] == ["breach"]

    await until("the rule is in memory", heard)
    assert (await notify.delete("/settings/rules/breach")).status_code == 200
    assert (await notify.get("/settings/rules/breach"))["holds"] == "packaged"


async def test_a_rule_that_cannot_work_is_refused_with_all_that_is_wrong(notify: Notify) -> None:
    rule = {"on": "case.opened", "to": ["nobody-like-that"], "title": "{{ event.nope }}"}
    answer = await notify.put("/settings/rules/broken", rule)
    assert answer.json()["code"] == "not_usable"
    assert "nobody-like-that" in answer.json()["message"]
    assert "nope" in answer.json()["message"]


async def test_a_rule_may_tell_a_group_that_was_registered(notify: Notify) -> None:
    rule = {"on": "case.opened", "to": ["night"], "title": "新工单"}
    assert (await notify.put("/settings/rules/night", rule)).status_code == 409
    await notify.done("/settings/recipients/night", {"name": "夜班群"})
    await notify.done("/settings/rules/night", rule)
    assert (await notify.delete("/settings/rules/night")).status_code == 200


async def test_a_template_is_kept_while_a_rule_names_it(notify: Notify) -> None:
    await notify.done("/settings/templates/brief", {"body": "{{ title }}"})
    rule = {"on": "case.opened", "to": ["desk"], "title": "新工单", "template": "brief"}
    await notify.done("/settings/rules/brief_rule", rule)
    assert (await notify.delete("/settings/templates/brief")).json()["code"] == "in_use"
    await notify.delete("/settings/rules/brief_rule")
    assert (await notify.delete("/settings/templates/brief")).status_code == 200
    assert (await notify.put("/settings/templates/text", {"body": "x"})).json()["code"] == "packaged"


async def test_a_rule_is_shown_before_it_is_saved(notify: Notify) -> None:
    rule = {"on": "case.opened", "to": ["desk"], "title": "新工单 {{ event.number }}"}
    answer = await notify.post("/settings/rules/preview", {"rule": rule, "event": {"number": "YB-7"}})
    assert answer.json()["title"] == "新工单 YB-7"
    assert (await notify.post("/settings/rules/preview", {})).json()["code"] == "nothing_given"
    assert "preview" not in [r["name"] for r in await notify.get("/settings/rules")]


def silence(begins: datetime, ends: datetime) -> Json:
    return {
        "matchers": [{"label": "category", "values": ["结算支付"]}], "reason": "系统升级",
        "begins": begins.isoformat(), "ends": ends.isoformat(),
    }  # fmt: skip


async def test_a_silence_runs_is_ended_and_stays_on_record(notify: Notify) -> None:
    now = datetime.now(UTC)
    over = await notify.post("/settings/silences", silence(now - timedelta(hours=2), now - timedelta(hours=1)))
    assert over.json()["code"] == "over"
    ids = []
    for begins in (now - timedelta(hours=1), now + timedelta(hours=1)):
        answer = await notify.post("/settings/silences", silence(begins, now + timedelta(hours=2)))
        ids.append(answer.json()["silence_id"])
    running, upcoming = ids
    assert {s["id"]: s["state"] for s in await notify.get("/settings/silences")} == {
        running: "running", upcoming: "upcoming",
    }  # fmt: skip

    async def silenced() -> bool:
        return notify.people.silenced({"category": "结算支付"}, datetime.now(UTC)) is not None

    await until("the silence holds", silenced)
    for id_ in ids:
        assert (await notify.delete(f"/settings/silences/{id_}")).status_code == 200
    assert [(s["id"], s["state"]) for s in await notify.get("/settings/silences")] == [(running, "past")]
    assert [s["id"] for s in await notify.get("/settings/silences?state=running")] == []
    assert (await notify.delete(f"/settings/silences/{running}")).json()["code"] == "over"

    async def over_again() -> bool:
        return not await silenced()

    await until("the silence is over", over_again)


async def test_many_who_change_one_setting_at_once_lose_nothing(notify: Notify) -> None:
    path = "/settings/recipients/contact:busy"
    answers = await asyncio.gather(*(notify.put(path, {"at_most": n}) for n in range(1, 9)))
    saved = [a for a in answers if a.status_code == 200]
    assert {a.json()["code"] for a in answers if a.status_code != 200} <= {"stale"}
    assert (await notify.get(path))["version"] == len(saved) > 0


async def test_addresses_of_another_key_keep_notify_from_delivering(notify: Notify) -> None:
    db = notify.service.db
    with pytest.raises(CannotStart, match="密钥"):
        await check_key(db, b"2" * 32)
    await check_key(db, VAULT_KEY)
    await db["vault"].insert_one({"_id": "key", "fingerprint": "that of intake"})
    with pytest.raises(CannotStart, match="受理服务"):
        await check_key(db, VAULT_KEY)
    await db["vault"].delete_one({"_id": "key"})


async def test_without_addresses_another_key_does_no_harm(desk: Desk) -> None:
    client = connect(desk.settings.mongo_url)
    db = client["empty"]
    await check_key(db, b"1" * 32)
    await check_key(db, b"2" * 32)
    assert not await SettingStore(db).has_addresses()
    await client.close()


async def test_the_calendars_in_force_are_asked_from_sla(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "night.yaml").write_text('name: night\nweekly: {sun: ["20:00-24:00"]}\nholidays: none\n')
    policies = (Path(__file__).parents[2] / "services" / "sla" / "policies.yaml").read_text()
    shipped = Path(__file__).parents[2] / "chassis" / "calendars" / "desk.yaml"
    (tmp_path / "desk.yaml").write_text(shipped.read_text().replace("09:00-12:00", "08:00-12:00"))
    (tmp_path / "policies.yml").write_text(policies)
    calendars = Calendars()
    await calendars.ask(desk.client)
    monday = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 08:30 in Beijing
    assert calendars.names() == ("24x7", "desk"), "nobody answers yet: those that are shipped"
    assert (desk_hours := calendars.hours("desk")) is not None
    assert not desk_hours.is_open(monday)
    await desk.start("sla", YIBAO_SLA_CALENDARS=str(tmp_path))
    await calendars.ask(desk.client)
    assert set(calendars.names()) == {"24x7", "desk", "night"}
    assert (asked := calendars.hours("desk")) is not None
    assert asked.is_open(monday)
    assert calendars.hours("desk") is asked
    await desk.stop("sla")
    await calendars.ask(desk.client)
    assert calendars.hours("desk") is asked, "sla is down: its last answer holds"
