"""What providers report: only who has the secret may, lately, and in his own words."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from chassis.posting import signed
from services.notify.providers.receipting import (
    OLDEST_S,
    ReceiptConfig,
    ReceiptFields,
    Unreadable,
    is_welcome,
    named,
    reports,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECRET = "a-secret-of-the-provider"
SIGNING = ReceiptConfig(secret=SecretStr(SECRET))
GATEWAY = ReceiptConfig(
    secret=SecretStr(SECRET), token_in_url=True,
    fields=ReceiptFields(
        id="msgid", status="stat", at="time", reason="err", received=("DELIVRD",), failed=("UNDELIV",)
    ),
)  # fmt: skip


def welcome(body: bytes, age_s: int = 0, secret: str = SECRET, said: bytes | None = None) -> bool:
    headers = signed(secret, body, int((NOW - timedelta(seconds=age_s)).timestamp()))
    stamp, signature = headers["X-Yibao-Timestamp"], headers["X-Yibao-Signature"]
    return is_welcome(SIGNING, body if said is None else said, stamp, signature, "", NOW)


@given(st.binary(max_size=200), st.integers(-OLDEST_S, OLDEST_S))
def test_what_is_signed_lately_is_taken(body: bytes, age_s: int) -> None:
    assert welcome(body, age_s)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_what_was_changed_signed_by_another_or_long_ago_is_not(body: bytes, other: bytes) -> None:
    assert welcome(body, said=other) == (body == other)
    assert not welcome(body, secret="another-secret-of-nobody")
    assert not welcome(body, age_s=OLDEST_S + 1)
    assert not welcome(body, age_s=-OLDEST_S - 1)


@pytest.mark.parametrize(("stamp", "signature"), [
    ("", ""), ("x", "sha256="), ("²", "sha256=中"), ("1", ""), ("9" * 400, "x"), ("9" * 5_000, "x"),
])  # fmt: skip
def test_odd_headers_are_refused_and_break_nothing(stamp: str, signature: str) -> None:
    assert not is_welcome(SIGNING, b"[]", stamp, signature, SECRET, NOW)


def test_a_token_in_the_address_is_for_gateways_that_cannot_sign() -> None:
    assert is_welcome(GATEWAY, b"", "", "", SECRET, NOW)
    assert not is_welcome(GATEWAY, b"", "", "", SECRET[:-1], NOW)
    assert not is_welcome(SIGNING, b"", "", "", SECRET, NOW)


def test_a_delivery_of_ours_is_known_by_its_name_and_others_by_the_provider_s() -> None:
    alert = uuid4()
    assert named(f"{alert}-12") == named(f"{alert}.12") == (alert, 12)
    assert [named(id_) for id_ in ("biz-1", f"{alert}.x", f"{alert}", "a.1", f"{alert}-²")] == [
        "biz-1", f"{alert}.x", f"{alert}", "a.1", f"{alert}-²",
    ]  # fmt: skip


def test_the_agreed_form_is_read_with_its_time_and_reason() -> None:
    body = (
        b'[{"id":"biz-1","receipt":"read","at":"2026-11-22T11:59:00+08:00"},'
        b'{"id":"b2","receipt":"failed","reason":"off"}]'
    )
    first, second = reports(SIGNING, body, False, NOW)
    assert (first.delivery, first.word, first.at) == ("biz-1", "read", NOW - timedelta(minutes=1))
    assert (second.word, second.at, second.reason) == ("failed", NOW, "off")


def test_a_gateway_reports_in_its_own_words_by_form_or_json() -> None:
    form = list(reports(GATEWAY, b"msgid=biz-1&stat=DELIVRD&time=1795000000&err=", True, NOW))
    assert [(r.delivery, r.word, r.at.timestamp()) for r in form] == [("biz-1", "received", 1_795_000_000)]
    [by_json] = reports(GATEWAY, b'{"msgid":"biz-2","stat":"UNDELIV","err":"BLACK"}', False, NOW)
    assert (by_json.delivery, by_json.word, by_json.reason) == ("biz-2", "failed", "BLACK")


@pytest.mark.parametrize(
    "said", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "-1e11", "1e300", "nan", "2026-10-01T00:00:00Z"]
)
def test_a_time_that_cannot_be_true_is_now_and_can_be_stored(said: str) -> None:
    [report] = reports(SIGNING, f'[{{"id":"biz-1","receipt":"read","at":"{said}"}}]'.encode(), False, NOW)
    assert report.at == NOW


@given(st.one_of(st.datetimes(timezones=st.timezones()).map(str), st.floats(), st.text(max_size=20)))
def test_any_time_is_of_the_last_month_and_in_utc(said: object) -> None:
    body = json.dumps([{"id": "biz-1", "receipt": "read", "at": said}]).encode()
    [report] = reports(SIGNING, body, False, NOW)
    assert NOW - timedelta(days=30) <= report.at <= NOW and report.at.utcoffset() == timedelta(0)


def test_what_cannot_be_stored_is_in_no_word_of_a_report() -> None:
    body = b'[{"id":"\\ud800","receipt":"failed","reason":"\\udfff off"},{"id":["x"],"receipt":"read"}]'
    [report] = reports(SIGNING, body, False, NOW)
    assert (report.delivery, report.reason) == ("?", "? off")


def test_words_without_a_meaning_are_passed_over() -> None:
    assert not list(reports(GATEWAY, b"msgid=biz-1&stat=ACCEPTD", True, NOW))
    assert not list(reports(SIGNING, b'[{"receipt":"read"},{"id":"x","receipt":"burnt"},{}]', False, NOW))


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_unreadable(body: bytes, is_form: bool) -> None:
    try:
        found = list(reports(GATEWAY, body, is_form, NOW))
    except Unreadable:
        return
    assert all(r.at <= NOW and r.word for r in found)
