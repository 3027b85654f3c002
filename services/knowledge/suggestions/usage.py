"""How articles do, and what they save (知识效果). Pure.

What an article saves is an estimate: the median time from question to solution of the category's cases for which
nothing was taken over, less the time of a case for which it was, never below nothing. Nights and holidays count, too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final, NamedTuple
from uuid import UUID

from services.knowledge.articles.model import Counts
from services.knowledge.suggestions.model import TOOK, Advice, Judgement

FEWEST: Final = 5
"""With fewer cases to compare with, a category has no median that means anything."""


class Shelved(NamedTuple):
    """An article as the report needs it; `since` is when it was published, or written where it was not."""

    id: UUID
    number: str
    title: str
    category: str
    state: str
    owner: str
    since: datetime
    counts: Counts


class Use(NamedTuple):
    """`accepted`, `edited`, `rejected` and what is saved are of the time asked for; votes and views since ever.

    `acceptance` is the share of verdicts that took it over, None without verdicts. `saved_cases` is of how many cases
    the hours saved are known, `saved_hours` None where of none.
    """

    article: Shelved
    accepted: int
    edited: int
    rejected: int
    acceptance: float | None
    age_days: int
    saved_hours: float | None
    saved_cases: int

    @property
    def uses(self) -> int:
        return self.accepted + self.edited


class OwnerTotal(NamedTuple):
    owner: str
    articles: int
    uses: int
    saved_hours: float


def uses(
    articles: Iterable[Shelved], verdicts: Iterable[Judgement], solved: Sequence[Advice], now: datetime
) -> list[Use]:
    """What was used most comes first."""
    counted: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("accepted", "edited", "rejected"), 0))
    for judgement in verdicts:
        counted[judgement.article_id][judgement.verdict] += 1
    hours = saved(solved)
    found = [_use(article, counted.get(article.id, {}), hours.get(article.id, ()), now) for article in articles]
    return sorted(found, key=lambda u: (-u.uses, -u.article.counts.views, u.article.number))


def _use(article: Shelved, counted: Mapping[str, int], hours: Sequence[float], now: datetime) -> Use:
    accepted, edited, rejected = (counted.get(name, 0) for name in ("accepted", "edited", "rejected"))
    judged = accepted + edited + rejected
    return Use(
        article, accepted, edited, rejected,
        acceptance=round((accepted + edited) / judged, 3) if judged else None,
        age_days=max(0, (now - article.since) // timedelta(days=1)),
        saved_hours=round(sum(hours), 2) if hours else None,
        saved_cases=len(hours),
    )  # fmt: skip


def saved(solved: Iterable[Advice]) -> dict[UUID, list[float]]:
    """By article the hours that it saved in each case; several articles of one case share them."""
    without: dict[str, list[float]] = defaultdict(list)
    helped: list[tuple[str, float, list[UUID]]] = []
    for advice in solved:
        if (hours := _hours(advice)) is None:
            continue
        if took := [v.article_id for v in advice.verdicts if v.verdict in TOOK]:
            helped.append((advice.category, hours, took))
        else:
            without[advice.category].append(hours)
    usual = {category: median(known) for category, known in without.items() if len(known) >= FEWEST}
    by_article: dict[UUID, list[float]] = defaultdict(list)
    for category, hours, took in helped:
        for article in took if category in usual else ():
            by_article[article].append(max(0.0, usual[category] - hours) / len(took))
    return dict(by_article)


def _hours(advice: Advice) -> float | None:
    if advice.opened_at is None or advice.resolved_at is None or advice.resolved_at < advice.opened_at:
        return None
    return (advice.resolved_at - advice.opened_at) / timedelta(hours=1)


def by_owner(found: Iterable[Use]) -> list[OwnerTotal]:
    """Articles without an owner stand under an empty name; who saved most comes first."""
    groups: dict[str, list[Use]] = defaultdict(list)
    for use in found:
        groups[use.article.owner].append(use)
    totals = [
        OwnerTotal(owner, len(group), sum(u.uses for u in group), round(sum(u.saved_hours or 0 for u in group), 2))
        for owner, group in groups.items()
    ]
    return sorted(totals, key=lambda t: (-t.saved_hours, -t.uses, t.owner))
