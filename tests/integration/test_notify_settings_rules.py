"""Rules, templates and silences on real servers; the key of the addresses; the calendars of quiet hours."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from nats.js.errors import NotFoundError

from chassis.errors import CannotStart
from chassis.store import connect
from services.notify.people.calendars import Calendars
from services.notify.preferences.key import check_key, fits
from services.notify.preferences.store import SettingStore
from tests.integration.setting_desk import PHONE, VAULT_KEY, Json, Notify, notify_on
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


async def test_who_says_where_alerts_go_is_in_the_audit_but_for_his_own_settings(desk: Desk, notify: Notify) -> None:
    async def noted() -> list[str]:
        try:
            last = await desk.js.get_last_msg("AUDIT", "audit.noted")
        except NotFoundError:
            return []
        said = json.loads(last.data or b"{}")
        return [said["act"], said["object"], said["detail"]]

    others = ["settings_changed", "recipient contact:zhou", "保存收件人"]
    await notify.done("/settings/recipients/contact:zhou", {"at_most": 3})
    assert await noted() == others
    await notify.done("/settings/recipients/staff:wang.fang", {"at_most": 3})
    assert await noted() == others, "his own are his"


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


async def test_a_silence_by_a_label_that_no_alert_has_is_refused_with_those_that_there_are(notify: Notify) -> None:
    now = datetime.now(UTC)
    wish = silence(now, now + timedelta(hours=1)) | {"matchers": [{"label": "catgory", "values": ["结算支付"]}]}
    answer = await notify.post("/settings/silences", wish)
    assert answer.json()["code"] == "not_usable"
    assert "catgory" in answer.json()["message"] and "category" in answer.json()["message"]
    assert "catgory" not in str(await notify.get("/settings/silences"))


async def test_addresses_of_another_key_keep_notify_from_delivering(notify: Notify) -> None:
    db, way = notify.service.db, {"provider": "sms", "address": PHONE}
    await notify.done("/settings/recipients/contact:zhao", {"endpoints": [way]})
    for check in (check_key, fits):
        with pytest.raises(CannotStart, match="密钥"):
            await check(db, b"2" * 32)
    await check_key(db, VAULT_KEY)
    await db["vault"].insert_one({"_id": "key", "fingerprint": "that of intake"})
    with pytest.raises(CannotStart, match="受理服务"):
        await check_key(db, VAULT_KEY)
    await db["vault"].delete_one({"_id": "key"})


async def test_without_addresses_another_key_does_no_harm(desk: Desk) -> None:
    client = connect(desk.settings.mongo_url)
    db = client["empty"]
    await fits(db, b"1" * 32)
    assert await db["vault"].count_documents({}) == 0, "who only looks leaves nothing"
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
