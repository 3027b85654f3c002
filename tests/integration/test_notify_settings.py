"""Recipients on real servers: from a PUT to what every process knows, and nowhere an address in clear."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.setting_desk import KINDS, PHONE, Notify, notify_on
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


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
    assert "必达" in answer["note"] and "YIBAO_NOTIFY_LIMIT" in answer["note"]
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
    engineer = {"X-Yibao-Role": "engineer"}
    for key in ("staff:sun", "desk", "contact:zhao"):
        answer = await notify.put(f"/settings/recipients/{key}", {"at_most": 5}, **engineer)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    await notify.done("/settings/recipients/staff:sun", {"at_most": 5})
    await notify.done("/settings/recipients/staff:wang.fang", {"at_most": 5}, **engineer)
    assert (await notify.delete("/settings/recipients/staff:wang.fang")).status_code == 200
    nobody = await notify.http.put("/settings/recipients/desk", json={}, headers={"X-Yibao-Role": "none"})
    assert nobody.status_code == 401, "nobody says who asks"


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
    strange = [{"labels": [{"label": "catgory", "values": ["结算支付"]}]}]
    wrong = await notify.put(path, {"subscriptions": strange})
    assert (wrong.json()["code"], "catgory" in wrong.json()["message"]) == ("not_usable", True)
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
    other = await notify.post("/recipients/desk/test", {"provider": "mail"})
    assert other.json()["code"] == "no_endpoint"
    assert "mail" in other.json()["message"] and "robot" in other.json()["message"]


async def test_an_endpoint_that_is_kept_for_what_is_urgent_can_be_tried(notify: Notify) -> None:
    ways = [{"provider": "mail", "address": "a@b.cn"}, {"provider": "sms", "address": PHONE, "at_least": "urgent"}]
    await notify.done("/settings/recipients/contact:feng", {"endpoints": ways})

    async def heard() -> bool:
        return notify.people.endpoints("contact:feng", "urgent", KINDS) == ("mail", "sms")

    await until("the ways are known", heard)
    answer = await notify.post("/recipients/contact:feng/test", {"provider": "sms"})
    assert (answer.status_code in (200, 202), answer.json()["provider"]) == (True, "sms")


async def test_many_who_change_one_setting_at_once_lose_nothing(notify: Notify) -> None:
    path = "/settings/recipients/contact:busy"
    answers = await asyncio.gather(*(notify.put(path, {"at_most": n}) for n in range(3, 11)))
    saved = [a for a in answers if a.status_code == 200]
    assert {a.json()["code"] for a in answers if a.status_code != 200} <= {"stale"}
    assert (await notify.get(path))["version"] == len(saved) > 0
