"""A report goes to the one whom it is about, also where others have subscribed to reports, or to everything."""

import pytest

from contracts.setting import Recipient, Subscription
from services.notify.alerts.plan import Planner
from services.notify.digests.period import KINDS, RULES, Kind
from services.notify.rules.loading import rulebook
from tests.support.make import NOON
from tests.unit.notify.people import KINDS as PROVIDERS
from tests.unit.notify.people import endpoint, people, setting


def reader(key: str, *rules: str) -> Recipient:
    return Recipient(
        key=key,
        endpoints=(endpoint(key, "mail", f"{len(key)}@example.org"),),
        subscriptions=(Subscription(rules=rules),),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_handed_over_to_nobody_but_its_reader(kind: Kind) -> None:
    rule = rulebook().named(RULES[kind])
    assert rule is not None
    readers = [reader("institution:H62010200001", RULES[kind]), reader("staff:wang", RULES[kind]), reader("staff:li")]
    planner = Planner(people(*map(setting, readers)), PROVIDERS, lambda name: None, 30)
    plan = planner.plan(rule.rule, "normal", {"rule": RULES[kind]}, ("institution:H62010200001",), NOON)
    assert [d.recipient for d in plan.decisions] == ["institution:H62010200001"]
