"""Articles of the knowledge base (知识条目) and what happened to them each day, from the KNOWLEDGE stream."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import msgspec

from services.stats.operations.told import Row, Told, Used, district, in_order, local

DAILY = (
    "born", "published", "revised", "questioned", "confirmed", "retired", "merged", "viewed", "helpful", "unhelpful",
    "accepted", "edited", "rejected",
)  # fmt: skip
"""What is counted of an article each day; the columns of desk_article_day are these with `_cnt`."""


class Articles:
    """Hears events in any order, and twice."""

    def __init__(self) -> None:
        self._told: dict[str, list[Told]] = defaultdict(list)

    def hear(self, told: Told) -> None:
        self._told[told.article_id].append(told)

    def all(self) -> Iterator[tuple[str, list[Told]]]:
        for id_ in sorted(self._told):
            yield id_, in_order(self._told[id_])

    def categories(self) -> dict[str, str | None]:
        """Of each article, as it is in the end."""
        return {id_: told[-1].category for id_, told in self.all()}

    def rows(self) -> Iterator[Row]:
        return (article(id_, told) for id_, told in self.all())

    def days(self) -> Iterator[Row]:
        return (row for id_, told in self.all() for row in days(id_, told))


def article(id_: str, told: Sequence[Told]) -> Row:
    """A row of desk_article."""
    last, used = told[-1], told[-1].usage or Used()
    audience, _, code = (last.audience or "").partition(":")
    return {
        "article_id": id_, "kind": last.kind, "category": last.category, "audience": audience, "state": last.state,
        "fixmedins_code": code or None, "fix_blng_admdvs": district(code), "owner": last.owner or None,
        "from_case": str(int(any(source.get("kind") == "case" for source in last.sources))),
        "born_on": local(told[0].occurred_at).date(), "published_on": _first(told, "published"),
        "retired_on": _first(told, "retired") or _first(told, "merged"), "revision_cnt": last.live_revision,
        **{f"{name}_cnt": value for name, value in msgspec.structs.asdict(used).items()},
    }  # fmt: skip


def days(id_: str, told: Sequence[Told]) -> Iterator[Row]:
    """Rows of desk_article_day: each day on which something happened."""
    last = told[-1]
    counted: dict[date, Counter[str]] = defaultdict(Counter)
    for n, one in enumerate(told):
        day = counted[local(one.occurred_at).date()]
        day["born"] += n == 0
        day[_what(one)] += one.views if one.type == "knowledge.viewed" else 1
    for on, counts in sorted(counted.items()):
        shown = {f"{name}_cnt": counts[name] for name in DAILY}
        yield {"article_id": id_, "day": on, "kind": last.kind, "category": last.category, **shown}


def _what(told: Told) -> str:
    match told.type:
        case "knowledge.rated":
            return "helpful" if told.helpful else "unhelpful"
        case "knowledge.judged":
            return told.verdict or ""
    return told.type.removeprefix("knowledge.")


def _first(told: Iterable[Told], name: str) -> date | None:
    return next((local(t.occurred_at).date() for t in told if t.type == f"knowledge.{name}"), None)
