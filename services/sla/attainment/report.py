"""The report: what the API answers and what stands on paper, from the same sums."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from contracts.obligation import DESK
from contracts.sla import CLOCK_NAMES, Clock
from services.sla.attainment.agreed import Agreed, Article
from services.sla.attainment.asked import Asked
from services.sla.attainment.duties import Duty
from services.sla.attainment.tally import By, Key, Sums, Tally, Verdict
from services.sla.book import Book
from services.sla.exemptions.model import Exemption


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
    """`digest` is the same when, and only when, every cycle and every item of an obligation is the same."""

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
    judged: bool


def report(asked: Asked, sums: Sums, agreed: Agreed, book: Book, exemptions: Sequence[Exemption]) -> Report:
    """`exemptions` are those that held at `as_of` and touch these months."""
    return Report(
        asked.first,
        asked.last,
        asked.as_of,
        {name: str(value) for name, value in msgspec.to_builtins(asked.filters).items()},
        sums.digest,
        _line((), (), sums.total, agreed),
        tuple(_clauses(asked, sums, agreed)) if asked.whole else (),
        {",".join(by): tuple(_line(by, key, tally, agreed) for key, tally in sums.sorted(by)) for by in sums.groups},
        _editions(book, sums.editions),
        tuple(exemptions),
        asked.whole,
    )


def _editions(book: Book, versions: set[str]) -> tuple[EditionUsed, ...]:
    """Each once, since it first held."""
    used: dict[str, EditionUsed] = {}
    for e in book.editions:
        if e.version in versions:
            used.setdefault(e.version, EditionUsed(e.version, e.since, e.by))
    return tuple(used.values())


def _clauses(asked: Asked, sums: Sums, agreed: Agreed) -> Iterator[ClauseLine]:
    """Of contracts that are in force in these months, or of which a cycle began or an obligation is due in them."""
    due: dict[tuple[str, str], list[Duty]] = defaultdict(list)
    for duty in sums.duties:
        due[duty.holder, duty.name].append(duty)
    concerned = sums.contracts | {duty.holder for duty in sums.duties}
    for article, tally in zip(sums.articles, sums.clauses, strict=True):
        if not (article.in_force(asked.first, asked.last) or article.contract.id in concerned):
            continue
        if article.clause.clock is not None:
            yield _clause(article, CLOCK_NAMES[article.clause.clock], tally, agreed)
        else:
            name = article.clause.obligation  # some are not of a contract but of the desk as a whole
            items = due.get((article.contract.id, name)) or due.get((DESK, name), [])
            yield _clause(article, items[0].title if items else name, tallied(items), agreed)


def tallied(items: Sequence[Duty]) -> Tally:
    """What became of them."""
    tally = Tally()
    for item in items:
        tally.count(item.outcome)
    return tally


def _clause(article: Article, what: str, tally: Tally, agreed: Agreed) -> ClauseLine:
    contract, clause = article
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
