"""Whether an alert's labels fit what a silence or a subscription says. Pure."""

from collections.abc import Iterable, Mapping

from contracts.notify import URGENCIES, Urgency
from contracts.setting import Matcher, Subscription

_RANK = {urgency: n for n, urgency in enumerate(URGENCIES)}


def fits(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether every matcher fits; a label that is not there has the value of an empty text."""
    return all((labels.get(m.label, "") in m.values) != m.unless for m in matchers)


def is_at_least(urgency: Urgency, least: Urgency) -> bool:
    """Whether it is as urgent as that, or more."""
    return _RANK[urgency] <= _RANK[least]


def is_wanted(subscription: Subscription, labels: Mapping[str, str], urgency: Urgency, rule: str) -> bool:
    """Whether everything that the subscription says fits."""
    return (
        (not subscription.rules or rule in subscription.rules)
        and is_at_least(urgency, subscription.at_least)
        and fits(subscription.labels, labels)
    )
