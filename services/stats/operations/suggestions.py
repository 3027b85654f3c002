"""Suggestions (知识推荐), from the SUGGESTION stream: what each case was offered, and what staff made of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from services.stats.operations.told import NOTHING, Known, Row, Told, district, local


class Offer(NamedTuple):
    """One event's word on one article."""

    version: int
    on: date
    kind: str
    rank: int = 0
    verdict: str | None = None
    engineer: str | None = None


class Suggestions:
    """Hears events in any order, and twice; keeps of each article the first offer, its best rank, the last verdict."""

    def __init__(self) -> None:
        self._made: dict[str, dict[str, Offer]] = defaultdict(dict)
        self._judged: dict[str, dict[str, Offer]] = defaultdict(dict)

    def hear(self, told: Told) -> None:
        on = local(told.occurred_at).date()
        for rank, offered in enumerate(told.suggestions, 1):
            made, known = self._made[told.case_id], Offer(told.version, on, offered.kind, rank)
            before = made.get(offered.article_id, known)
            made[offered.article_id] = min(before, known)._replace(rank=min(before.rank, rank))
        if told.type == "suggestion.judged":
            judged, engineer = self._judged[told.case_id], told.actor.id if told.actor.kind == "staff" else None
            verdict = Offer(told.version, on, "article", 0, told.verdict, engineer)
            judged[told.article_id] = max(judged.get(told.article_id, verdict), verdict, key=lambda o: o.version)

    def rows(self, cases: Mapping[str, Known], articles: Mapping[str, str | None]) -> Iterator[Row]:
        """Rows of desk_suggestion. The category is the case's, and where that is not known the article's."""
        for case_id in sorted({*self._made, *self._judged}):
            made, judged = self._made.get(case_id, {}), self._judged.get(case_id, {})
            about = cases.get(case_id, NOTHING)
            code = about.institution
            for id_ in sorted({*made, *judged}):
                category = about.category or articles.get(id_)
                where = {"fixmedins_code": code, "fix_blng_admdvs": district(code), "category": category}
                yield {"case_id": case_id, "article_id": id_, **where, **_offered(made.get(id_), judged.get(id_))}


def _offered(made: Offer | None, judged: Offer | None) -> Row:
    first = made or judged
    assert first is not None
    return {
        "kind": first.kind, "made_on": first.on, "best_rank": made and made.rank,
        "verdict": judged and judged.verdict, "judged_on": judged and judged.on, "engineer": judged and judged.engineer,
    }  # fmt: skip
