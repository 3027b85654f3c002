"""Reads what is stored, case by case, and gives way to the loop that fires alarms after every few."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import chain

from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import Refused
from chassis.rows import rows_of
from chassis.store import Raw
from services.sla.attainment.agreed import Agreed
from services.sla.attainment.asked import Asked
from services.sla.attainment.duties import Duty, duties
from services.sla.attainment.judging import rows
from services.sla.attainment.outward import INWARD
from services.sla.attainment.report import Report, report
from services.sla.attainment.row import Row
from services.sla.attainment.tally import SHEETS, By, Sums
from services.sla.book import Book
from services.sla.exemptions.model import Exemption
from services.sla.exemptions.store import Exemptions
from services.sla.obligations.store import Occurrences
from services.sla.sight import ASKED
from services.sla.store import Clocks

BREATH = 50  # cases and rows at a time: some 5 ms of work
_ABOUT = "state.facts.about"
MOST = 100_000  # rows in memory at once: some 110 MB


class Reading:
    """One question, answered from what is stored; every row sees the same exemptions."""

    def __init__(
        self, asked: Asked, clocks: Clocks, book: Book, agreed: Agreed, exemptions: Sequence[Exemption],
        duties: Sequence[Duty],
    ) -> None:  # fmt: skip
        self.asked, self.book, self.agreed, self.exemptions = asked, book, agreed, exemptions
        self._clocks, self.duties = clocks, duties

    @property
    def decided(self) -> tuple[object, ...]:
        """What the figures follow from besides the cases: where it is the same, only these have changed."""
        return self.exemptions, self.duties, self.book.version, self.agreed.contracts(self.asked.as_of)

    async def rows(self) -> AsyncIterator[Row]:
        """In no order. Raises LookupError while this process does not know an edition that another one has begun."""
        done = 0
        async for case in self._clocks.begun(self.asked.since, self.asked.until, among(self.asked)):
            for row in chain((None,), rows(case, self.asked.as_of, self.exemptions, self.book)):
                done += 1  # also within a case, which can have thousands of rows, or none as of then
                if done % BREATH == 0:
                    await asyncio.sleep(0)
                if row is not None and (seen := self.asked.given(row, case.asked_from)) is not None:
                    yield seen

    async def all(self) -> list[Row]:
        """By their start. Raises Refused when they are too many for one sheet."""
        found: list[Row] = []
        async for row in self.rows():
            found.append(row)
            if len(found) > MOST:
                raise Refused("too_many", f"明细超过 {MOST} 条: 请按合同、机构或月份缩小范围")
        return await asyncio.to_thread(in_order, found)

    @property
    def sheets(self) -> tuple[tuple[By, ...], ...]:
        """What sheets and pages are grouped by for whoever asks."""
        return tuple(by for by in SHEETS if not (self.asked.outward and set(by) & set(INWARD)))

    async def report(self, *groupings: Sequence[By]) -> Report:
        """The figures; no row is kept."""
        sums = self.sums(*groupings)
        async for row in self.rows():
            sums.add(row)
        return self.told(sums)

    def summed(self, rows: Iterable[Row]) -> Report:
        """The figures of rows that are there already, as the sheets have them."""
        sums = self.sums(*self.sheets)
        for row in rows:
            sums.add(row)
        return self.told(sums)

    def sums(self, *groupings: Sequence[By]) -> Sums:
        """Ready to add rows to."""
        wanted = self.asked.filters.contract
        articles = [a for a in self.agreed.articles(self.asked.as_of) if wanted in (None, a.contract.id)]
        return Sums(groupings, articles, self.duties)

    def told(self, sums: Sums) -> Report:
        """The report of sums that all rows were added to."""
        held = [e for e in self.exemptions if e.holds(self.asked.as_of) and self._concerns(e)]
        return report(self.asked, sums, self.agreed, self.book, held)

    def _concerns(self, exemption: Exemption) -> bool:
        """Whether it may have left out time of what is asked for."""
        if not self.asked.everything:  # they tell of others as well
            return False
        wanted, filters = exemption.wanted, self.asked.filters
        pairs = ((wanted.contracts, filters.contract), (wanted.institutions, filters.institution))
        asked_for = all(value is None or value in some for some, value in pairs if some)
        return asked_for and exemption.begins < self.asked.as_of


class Unknown(Refused):
    """What is asked for is not there."""

    status = 400


class Source:
    """Where questions are answered from; `book` gives the promises as they are known now."""

    def __init__(self, db: AsyncDatabase[Raw], agreed: Agreed, book: Callable[[], Book]) -> None:
        self._clocks, self._exemptions, self._obligations = Clocks(db), Exemptions(db), Occurrences(db)
        self._agreed, self._book = agreed, book
        self.turn = asyncio.Semaphore(1)  # for who takes all rows into memory

    async def ask(self, asked: Asked) -> Reading:
        """Raises Unknown for a contract that there has never been."""
        contract = asked.filters.contract  # of others' contracts nothing is told, not even that there is one
        if asked.everything and contract and not self._agreed.knows("contract", contract):
            raise Unknown("no_contract", f"没有这份合同 {contract[:100]!r}: 请核对编号")
        exemptions = await self._exemptions.since(asked.since)
        due = await self._obligations.read({"state.plan.due_at": {"$gte": asked.since, "$lt": asked.until}})
        found = duties((d.state for d in due if d.state is not None), asked)
        return Reading(asked, self._clocks, self._book(), self._agreed, exemptions, found)


def among(asked: Asked) -> Raw:
    """The cases of MongoDB's among which all rows are: those that were ever about what is asked for; a hospital's are
    those that it asked, which are looked up by nothing that only the desk knows."""
    if asked.who is not None and asked.outward:
        return {ASKED: rows_of(asked.who)}
    named = {name: getattr(asked.filters, name) for name in ("institution", "contract")}
    found: list[Raw] = [{f"{_ABOUT}.{name}": value} for name, value in named.items() if value]
    if asked.who is not None and not asked.everything:
        found.append({f"{_ABOUT}.institution": rows_of(asked.who)})
    return {"$and": found} if found else {}


def in_order(rows: Sequence[Row]) -> list[Row]:
    """By their start; of one case and time by clock and cycle, so that a page never changes by chance."""
    return sorted(rows, key=lambda row: (row.started_at, *row.key))
