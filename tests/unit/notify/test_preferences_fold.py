"""Settings: one document each, saved by command, never on top of what somebody else has just saved."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from contracts.envelope import Actor, Event, derive_id
from contracts.setting import (
    AlertRule,
    Endpoint,
    MessageTemplate,
    Recipient,
    RemoveSetting,
    SaveSetting,
    SettingRemoved,
    SettingSaved,
    Silence,
)
from services.notify.people.wishes import Wishes
from services.notify.preferences.fold import fold, problem_of
from services.notify.preferences.model import Setting, id_of, setting_id
from tests.chassis.folding import Folder, shuffled, well_said
from tests.support.make import NOON

WANG = Actor(kind="staff", id="wang.fang")


def folder() -> Folder[Setting]:
    return Folder(fold, lambda _, message: id_of(message.body))


def save(n: int = 1, **facts: Any) -> SaveSetting:
    return SaveSetting(id=derive_id("save", n), occurred_at=NOON, actor=WANG, **facts)


def remove(n: int = 1, **facts: Any) -> RemoveSetting:
    return RemoveSetting(id=derive_id("remove", n), occurred_at=NOON, actor=WANG, kind="recipient", **facts)


def recipient(key: str = "staff:a", **facts: Any) -> Recipient:
    return Recipient.model_validate({"key": key, **facts})


SILENCE = Silence.model_validate({
    "id": "s", "matchers": [{"label": "rule", "values": ["breach"]}], "begins": NOON,
    "ends": NOON + timedelta(hours=1), "reason": "系统升级",
})  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "body"),
    [
        ("rule", "night", AlertRule(name="night", on="case.opened", to=("desk",), title="t")),
        ("recipient", "staff:a", recipient()),
        ("silence", "s", SILENCE),
        ("template", "short", MessageTemplate(name="short", body="{{ title }}")),
    ],
)
def test_each_kind_of_setting_is_saved_under_its_name(kind: str, key: str, body: Any) -> None:
    desk = folder()
    [said] = desk.hear(save(**{kind: body}))
    assert isinstance(said, SettingSaved)
    assert (said.kind, said.key, getattr(said, kind), said.version) == (kind, key, body, 1)
    kept = desk.states[setting_id(kind, key)]
    assert (kept.body, kept.saved_by) == (body, "wang.fang")


def test_two_settings_or_none_in_one_command_are_refused() -> None:
    none: dict[str, Any] = {}
    for facts in (none, {"recipient": recipient(), "silence": SILENCE}):
        with pytest.raises(Refused, match="四者之一"):
            folder().hear(save(**facts))


def test_what_was_saved_meanwhile_is_not_overwritten() -> None:
    desk = folder()
    desk.hear(save(1, recipient=recipient(), expected_version=0))
    with pytest.raises(Refused, match="第 1 版"):
        desk.hear(save(2, recipient=recipient(at_most=3), expected_version=0))
    [said] = desk.hear(save(3, recipient=recipient(at_most=3), expected_version=1))
    assert said.version == 2


def test_a_removed_setting_is_gone_with_its_addresses_and_can_be_made_anew() -> None:
    desk = folder()
    desk.hear(save(1, recipient=recipient(endpoints=({"provider": "sms", "sealed": "eA=="},))))
    [said] = desk.hear(remove(key="staff:a", reason="离职, 电话 13800138000"))
    assert isinstance(said, SettingRemoved)
    assert "13800138000" not in said.reason
    kept = desk.states[setting_id("recipient", "staff:a")]
    assert (kept.removed, kept.facts) == (True, {})
    with pytest.raises(NotFound, match="没有设置"):
        desk.hear(remove(2, key="staff:a"))
    [said] = desk.hear(save(3, recipient=recipient(), expected_version=0))
    assert said.version == 3, "the versions go on"


def test_removing_what_never_was_is_refused() -> None:
    with pytest.raises(NotFound):
        folder().hear(remove(key="staff:a"))


@pytest.mark.parametrize(
    "body",
    [
        recipient(endpoints=(Endpoint(provider="sms"), Endpoint(provider="sms"))),
        recipient(name="王芳 13800138000"),
        recipient(endpoints=(Endpoint(provider="sms", shown="13800138000"),)),
        recipient("resident"),
        recipient("experts:结算支付"),
        recipient("staff:"),
        SILENCE.model_copy(update={"reason": "联系 13800138000"}),
    ],
)
def test_what_contradicts_itself_or_shows_a_number_is_refused(body: Recipient | Silence) -> None:
    assert problem_of(body)
    facts: dict[str, Any] = {"silence" if isinstance(body, Silence) else "recipient": body}
    with pytest.raises(Refused) as refused:
        folder().hear(save(**facts))
    assert "13800138000" not in str(refused.value)


@pytest.mark.parametrize("key", ["staff:a", "contact:c-1", "institution:H62010200001", "desk", "lead", "夜班群"])
def test_people_institutions_and_groups_can_be_recipients(key: str) -> None:
    assert problem_of(recipient(key)) == ""


_COMMANDS = (
    [save(n, recipient=recipient(f"staff:{n % 2}", at_most=n + 2)) for n in range(1, 5)]
    + [remove(n, key=f"staff:{n % 2}") for n in (1, 2)]
)  # fmt: skip


@given(shuffled(_COMMANDS), st.data())
def test_the_picture_in_memory_is_what_is_stored_in_whatever_order_it_was_heard(
    commands: list[SaveSetting | RemoveSetting], data: st.DataObject
) -> None:
    desk = folder()
    said: list[Event] = []
    for command in commands:
        try:
            said += desk.hear(command)
        except NotFound:
            continue
    well_said(said, lambda e: e.key)  # type: ignore[attr-defined]
    wishes = Wishes()
    for event in data.draw(st.permutations(said + said[:2])):
        wishes.hear(event)
    stored = {s.key: s.body for s in desk.states.values() if not s.removed}
    assert {key: wishes.recipient(key) for key in ("staff:0", "staff:1") if wishes.recipient(key)} == stored
