"""The report: what the API answers and what stands on paper, from the same sums."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from contracts.sla import CLOCK_NAMES, Clock
from services.sla.attainment.agreed import Agreed, Article
from services.sla.attainment.asked import Asked
from services.sla.attainment.duties import Duties, Duty
from services.sla.attainment.tally import By, Key, Sums, Tally, Verdict
from services.sla.book import Book
from services.sla.exemptions.model import Exemption
from services.sla.obligations.plan import DESK


class Line(msgspec.Struct, frozen=True):
    """One group: `key` as it is filtered by, `name` as staff call it; the rate is None where nothing counts."""

    key: dict[str, str]
    name: str
    kept: int
    late: int
    exempted: int
    open: int
    void: int
    cycles: int
    rate: float | None


class ClauseLine(msgspec.Struct, frozen=True):
    """A clause, `what` it is about in words, the share that it asks for, and whether it was reached."""

    contract: str
    contract_name: str
    number: str
    title: str
    clock: Clock | None
    obligation: str
    what: str
    share: float
    verdict: Verdict
    line: Line


class EditionUsed(msgspec.Struct, frozen=True):
    version: str
    since: datetime
    by: str


class Report(msgspec.Struct, frozen=True):
    """`digest` is the same when, and only when, every cycle is the same."""

    first: str
    last: str
    as_of: datetime
    filters: dict[str, str]
    digest: str
    total: Line
    clauses: tuple[ClauseLine, ...]
    groups: dict[str, tuple[Line, ...]]
    editions: tuple[EditionUsed, ...]
    exemptions: tuple[Exemption, ...]


def report(
    asked: Asked, sums: Sums, agreed: Agreed, book: Book, exemptions: Sequence[Exemption], duties: Duties
) -> Report:
    """`exemptions` are those that held at `as_of` and touch these months."""
    return Report(
        asked.first,
        asked.last,
        asked.as_of,
        {name: str(value) for name, value in msgspec.to_builtins(asked.filters).items()},
        sums.digest,
        _line((), (), sums.total, agreed),
        tuple(_clause(a, _duty(a, t, duties), agreed) for a, t in zip(sums.articles, sums.clauses, strict=True)),
        {",".join(by): tuple(_line(by, key, tally, agreed) for key, tally in sums.sorted(by)) for by in sums.groups},
        tuple(EditionUsed(e.version, e.since, e.by) for e in book.editions if e.version in sums.editions),
        tuple(exemptions),
    )


def _duty(article: Article, tally: Tally, duties: Duties) -> Duty:
    """What the clause is about, in words, and what became of it."""
    if article.clause.clock is not None:
        return Duty(CLOCK_NAMES[article.clause.clock], tally)
    name = article.clause.obligation  # some duties are not of a contract but of the desk as a whole
    return duties.get((article.contract.id, name)) or duties.get((DESK, name)) or Duty(name, Tally())


def _clause(article: Article, duty: Duty, agreed: Agreed) -> ClauseLine:
    contract, clause = article
    what, tally = duty
    return ClauseLine(
        contract.id, contract.name, clause.number, clause.title, clause.clock, clause.obligation, what, clause.share,
        tally.verdict(clause.share), _line((), (), tally, agreed),
    )  # fmt: skip


def _line(by: Sequence[By], key: Key, tally: Tally, agreed: Agreed) -> Line:
    named = list(zip(by, key, strict=True))
    name = " / ".join(_name(*pair, agreed) for pair in named)
    counts = (tally.kept, tally.late, tally.exempted, tally.open, tally.void, tally.cycles)
    return Line(dict[str, str](named), name, *counts, tally.rate)


_NOBODY = {"engineer": "未分派", "institution": "未登记机构", "contract": "无合同", "category": "未分类"}


def _name(by: By, value: str, agreed: Agreed) -> str:
    if not value:
        return _NOBODY.get(by, "无")
    if by == "clock":
        return CLOCK_NAMES[value]  # type: ignore[index]
    return (agreed.name(value) if by == "institution" else "") or value
