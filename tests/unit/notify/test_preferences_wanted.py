"""What a request asks for: addresses come in in clear and leave as something that only we can open."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from contracts.setting import Recipient
from services.notify.people.reach import address
from services.notify.preferences import wanted
from services.notify.preferences.addresses import BrowserSubscription, Keys, fault_of, shown
from tests.unit.notify.people import VAULT, endpoint

KINDS = {"sms": "sms", "mail": "email", "push": "web_push", "robot": "wecom_robot", "app": "wecom_app"}
BROWSER = BrowserSubscription("https://push.example/send/abc", Keys("p", "a"))
PHONE = "13800138000"


def asked(had: Recipient | None = None, **data: Any) -> Recipient:
    return wanted.recipient("staff:a", data, had, KINDS, VAULT)


def opened(body: Recipient, provider: str) -> str | None:
    return address(body.key, body, (), provider, KINDS[provider], VAULT)


def test_an_address_is_sealed_and_shown_masked() -> None:
    body = asked(endpoints=[{"provider": "sms", "address": f" {PHONE} ", "at_least": "high"}])
    assert PHONE not in body.model_dump_json()
    assert opened(body, "sms") == PHONE
    assert (body.endpoints[0].shown, body.endpoints[0].at_least) == ("13***00", "high")


def test_an_address_that_is_not_named_again_stays() -> None:
    had = asked(endpoints=[{"provider": "sms", "address": PHONE}, {"provider": "app", "address": "zhao"}])
    body = asked(had, endpoints=[{"provider": "app"}, {"provider": "sms", "at_least": "urgent"}])
    assert [e.provider for e in body.endpoints] == ["app", "sms"]
    assert opened(body, "sms") == PHONE
    assert body.endpoints[1].at_least == "urgent"
    assert asked(had, at_most=3).endpoints == had.endpoints, "left out, all stay"
    assert asked(had, endpoints=[]).endpoints == ()


@pytest.mark.parametrize(
    ("endpoints", "code"),
    [
        ([{"provider": "fax", "address": "1"}], "no_provider"),
        ([{"provider": "sms", "address": "zhao"}], "bad_address"),
        ([{"provider": "mail", "address": "zhao@"}], "bad_address"),
        ([{"provider": "mail", "address": "a@example.com,b@example.com"}], "bad_address"),
        ([{"provider": "push", "address": "{}"}], "bad_address"),
        ([{"provider": "app", "address": " "}], "bad_address"),
        ([{"provider": "robot", "address": "a\nb"}], "bad_address"),
        ([{"address": PHONE}], "bad_endpoints"),
        ("sms", "bad_endpoints"),
    ],
)
def test_an_address_that_its_provider_cannot_use_is_refused_without_being_repeated(endpoints: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(endpoints=endpoints)
    assert refused.value.code == code
    assert PHONE not in str(refused.value)


def test_a_browser_comes_first_and_what_the_directory_knows_stays() -> None:
    body = wanted.with_browser("staff:a", BROWSER, None, ("sms", "mail"), KINDS, VAULT)
    assert [e.provider for e in body.endpoints] == ["push", "sms", "mail"]
    assert json.loads(opened(body, "push") or "") == {
        "endpoint": "https://push.example/send/abc", "keys": {"p256dh": "p", "auth": "a"}
    }  # fmt: skip
    assert "abc" not in body.model_dump_json()


def test_another_browser_takes_the_place_of_the_first() -> None:
    had = Recipient(key="staff:a", endpoints=(endpoint("staff:a", "sms", PHONE), endpoint("staff:a", "push", "{}")))
    body = wanted.with_browser("staff:a", BROWSER, had, (), KINDS, VAULT)
    assert [e.provider for e in body.endpoints] == ["push", "sms"]
    assert opened(body, "sms") == PHONE


def test_without_a_provider_for_browsers_nothing_is_registered() -> None:
    with pytest.raises(Refused, match="web_push"):
        wanted.with_browser("staff:a", BROWSER, None, (), {"sms": "sms"}, VAULT)


def test_an_endpoint_is_removed_alone() -> None:
    had = Recipient(key="staff:a", endpoints=(endpoint("staff:a", "sms"), endpoint("staff:a", "app")))
    assert [e.provider for e in wanted.without(had, "sms").endpoints] == ["app"]
    with pytest.raises(NotFound):
        wanted.without(had, "mail")


def test_quiet_hours_by_a_calendar_that_there_is_not_are_refused() -> None:
    wanted.check(asked(quiet={"calendar": "desk"}), lambda: ("24x7", "desk"))
    with pytest.raises(Refused, match="可用 24x7, desk"):
        wanted.check(asked(quiet={"calendar": "dsek"}), lambda: ("24x7", "desk"))


@pytest.mark.parametrize(
    ("kind", "clear", "masked"),
    [
        ("email", "zhao.lei@example.com", "z***@example.com"),
        ("email", "a@b.example", "a***@b.example"),
        ("webhook", "https://his.example/hooks/4f2a9c", "https://his.example/***"),
        ("webhook", "https://his.example?k=4f2a9c", "https://his.example/***"),
        ("webhook", "https://user:4f2a9c@his.example/a", "https://his.example/***"),
        ("webhook", "/team/4f2a9c", "/***"),
        ("webhook", "", ""),
        ("sms", "87654321", "87***21"),
        ("sms", "0571-87654321", "05***21"),
        ("sms", "+14155552671", "14***71"),
        ("web_push", '{"endpoint": "https://push.example/send/abc"}', "浏览器 (push.example)"),
        ("web_push", "nothing", "浏览器"),
        ("wecom_app", "zhao.lei", "z***i"),
        ("wecom_app", "zl", "***"),
        ("dingtalk", f"{PHONE},@all", "1***0 @all"),
        ("wecom_robot", "", ""),
    ],
)
def test_an_address_is_shown_so_that_its_owner_recognises_it(kind: str, clear: str, masked: str) -> None:
    assert shown(kind, clear) == masked


@pytest.mark.parametrize("kind", ["sms", "wecom_robot", "wecom_app", "dingtalk", "feishu", "email", "webhook"])
@given(st.text("0123456789abcXYZ.-_@/:?#张", min_size=1, max_size=60))
def test_of_an_address_no_more_than_its_ends_is_shown(kind: str, address: str) -> None:
    masked = shown(kind, address)
    assert masked != address
    if kind not in ("email", "webhook"):
        assert all(len(part) <= 2 for word in masked.split() for part in word.split("***") if word != "@all")


@pytest.mark.parametrize(
    ("kind", "address", "is_fine"),
    [
        ("webhook", "/team/a", True), ("webhook", "", True), ("webhook", "https://his.example/a@b", True),
        ("webhook", "team/a", False), ("webhook", "https://user:pw@his.example/a", False),
        ("webhook", "https://user@his.example", False), ("webhook", "ftp://his.example", False),
        ("feishu", "", True), ("feishu", "ou_7d8a, @all", True), ("feishu", "张三", False),
        ("feishu", "a@example.com", False), ("feishu", "x" * 65, False),
    ],
)  # fmt: skip
def test_an_address_is_taken_where_its_transport_can_use_it(kind: str, address: str, is_fine: bool) -> None:
    assert (fault_of(kind, address) == "") == is_fine


def test_a_phone_number_may_be_written_with_gaps_and_country() -> None:
    assert fault_of("sms", "+86 138-0013-8000") == ""
