"""Links in messages: only the desk makes them, for one delivery of one recipient, and nothing can be changed."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Actor
from services.notify.links.actor import actor_for
from services.notify.links.html import page_of
from services.notify.links.tokens import Forged, Links, opened
from tests.support.make import NOON

LINKS = Links(bytes(range(32)), "https://desk.example/")
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
RECIPIENTS = st.text(min_size=1, max_size=200)


@given(st.uuids(), st.integers(0, 100_000), RECIPIENTS, TIMES)
def test_a_token_says_what_was_put_in_and_fits_an_address(
    alert: UUID, nth: int, recipient: str, expires_at: datetime
) -> None:
    token = LINKS.token(alert, nth, recipient, expires_at)
    said = opened(token)
    LINKS.check(said, recipient)
    assert (said.alert_id, said.delivery) == (alert, nth)
    assert timedelta() <= said.expires_at - expires_at < timedelta(minutes=1)
    assert len(token) == 48 and set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.integers(0, 36 * 8 - 1), RECIPIENTS)
def test_a_token_with_any_bit_flipped_is_refused(bit: int, recipient: str) -> None:
    raw = bytearray(base64.urlsafe_b64decode(LINKS.token(UUID(int=7), 3, recipient, NOON)))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Forged):
        LINKS.check(opened(base64.urlsafe_b64encode(raw).decode()), recipient)


@given(st.data())
def test_a_token_with_any_character_changed_left_out_or_added_is_refused(data: st.DataObject) -> None:
    token = LINKS.token(UUID(int=7), 3, "staff:wang", NOON)
    at = data.draw(st.integers(0, len(token) - 1))
    there = data.draw(st.text(max_size=3))
    changed = token[:at] + there + token[at + 1 :]
    if changed != token:
        with pytest.raises(Forged):
            LINKS.check(opened(changed), "staff:wang")


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_what_anybody_makes_up_is_refused(token: str) -> None:
    with pytest.raises(Forged):
        LINKS.check(opened(token), "staff:wang")


def test_a_token_is_of_its_recipient_and_of_this_desk_alone() -> None:
    said = opened(LINKS.token(UUID(int=7), 3, "staff:wang", NOON))
    for links, recipient in ((LINKS, "staff:li"), (LINKS, ""), (Links(bytes(32), ""), "staff:wang")):
        with pytest.raises(Forged):
            links.check(said, recipient)


def test_a_link_begins_with_the_desk_s_address_and_is_none_where_nobody_has_said_it() -> None:
    token = LINKS.token(UUID(int=7), 3, "staff:wang", NOON)
    assert LINKS.link_of(UUID(int=7), 3, "staff:wang", NOON) == f"https://desk.example/l/{token}"
    assert Links(bytes(32), "").link_of(UUID(int=7), 3, "staff:wang", NOON) == ""


@pytest.mark.parametrize(
    ("recipient", "actor"),
    [
        ("staff:wang", Actor(kind="staff", id="wang")),
        ("contact:c1", Actor(kind="requester", id="contact:c1")),
        ("desk", Actor(kind="staff", id="desk")),
    ],
)
def test_who_acts_by_a_message_is_whom_it_was_for(recipient: str, actor: Actor) -> None:
    assert actor_for(recipient) == actor


def test_what_was_written_in_an_alert_is_words_on_its_page_and_nothing_else() -> None:
    evil = '{{nonce}}<script>alert(1)</script>" {{body}}'
    page = page_of('<h1 title="{{title}}">{{body}}</h1>', "n0nce", title=evil, body="b")
    assert "<script>" not in page.content and "n0nce" not in page.content
    assert page.content.count("{{body}}") == 1 and page.content.endswith(">b</h1>")
    assert "'nonce-n0nce'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
