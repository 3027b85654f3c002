"""By which providers somebody is reached, in which order, and at which address."""

from chassis.vault import Vault
from contracts.setting import Recipient
from tests.unit.notify.people import KINDS, VAULT, account, endpoint, entry, people, setting, staff

PHONE, MAILBOX = account("phone", "138 0013-8000"), account("email", "zhao@example.com")
WECHAT = account("wechat", "openid-of-zhao")


def test_who_has_set_nothing_is_reached_as_the_directory_knows() -> None:
    picture = people(entry(staff("a", MAILBOX, PHONE)))
    assert picture.endpoints("staff:a", "normal", KINDS) == ("mail", "gateway")
    assert picture.endpoints("staff:a", "urgent", KINDS) == ("gateway", "mail"), "what is urgent rings first"


def test_an_account_that_cannot_be_opened_reaches_nobody() -> None:
    picture = people(entry(staff("a", WECHAT)))
    assert picture.endpoints("staff:a", "urgent", KINDS) == ()
    assert picture.address("staff:a", "app", "wecom_app", VAULT) is None


def test_own_endpoints_are_tried_in_their_order_and_only_configured_ones() -> None:
    wished = Recipient(key="staff:a", endpoints=tuple(endpoint("staff:a", p, "x") for p in ("app", "closed", "mail")))
    picture = people(entry(staff("a", PHONE)), setting(wished))
    assert picture.endpoints("staff:a", "urgent", KINDS) == ("app", "mail")


def test_an_endpoint_for_urgent_alerts_is_left_alone_by_the_others() -> None:
    ways = (endpoint("staff:a", "gateway", "13800138000", at_least="high"), endpoint("staff:a", "app", "zhao"))
    picture = people(setting(Recipient(key="staff:a", endpoints=ways)))
    assert picture.endpoints("staff:a", "high", KINDS) == ("gateway", "app")
    assert picture.endpoints("staff:a", "normal", KINDS) == ("app",)


def test_who_set_quiet_hours_only_is_still_reached_by_the_directory() -> None:
    picture = people(entry(staff("a", PHONE)), setting(Recipient(key="staff:a", at_most=3)))
    assert picture.endpoints("staff:a", "normal", KINDS) == ("gateway",)
    assert picture.limit("staff:a") == 3
    assert picture.limit("staff:b") is None


def test_an_address_opens_at_the_moment_it_is_needed() -> None:
    own = Recipient(key="staff:a", endpoints=(endpoint("staff:a", "app", "zhao.lei"), endpoint("staff:a", "gateway")))
    picture = people(entry(staff("a", PHONE)), setting(own))
    assert picture.address("staff:a", "app", "wecom_app", VAULT) == "zhao.lei"
    assert picture.address("staff:a", "gateway", "sms", VAULT) == "13800138000", "the directory's, as one dials it"
    assert picture.address("staff:a", "mail", "email", VAULT) is None, "not among the endpoints"


def test_a_robot_needs_no_address() -> None:
    picture = people(setting(Recipient(key="desk", endpoints=(endpoint("desk", "robot"),))))
    assert picture.endpoints("desk", "low", KINDS) == ("robot",)
    assert picture.address("desk", "robot", "wecom_robot", VAULT) == ""


def test_an_address_is_no_use_to_another_recipient_or_with_another_key() -> None:
    stolen = Recipient(key="staff:b", endpoints=(endpoint("staff:a", "app", "zhao.lei"),))
    assert people(setting(stolen)).address("staff:b", "app", "wecom_app", VAULT) is None
    own = Recipient(key="staff:a", endpoints=(endpoint("staff:a", "app", "zhao.lei"),))
    assert people(setting(own)).address("staff:a", "app", "wecom_app", Vault(b"x" * 32)) is None
