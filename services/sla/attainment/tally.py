"""Rows summed up, by whatever is asked for: how many of each outcome, and the share that was kept."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import msgspec

from contracts.sla import Clock
from services.sla.attainment.agreed import Article
from services.sla.attainment.duties import Duty
from services.sla.attainment.row import Digest, Outcome, Row

By = Literal["month", "contract", "institution", "category", "priority", "engineer", "clock", "policy", "edition"]
DIMENSIONS: tuple[By, ...] = get_args(By)
NAMES: dict[By, str] = {
    "month": "月份", "contract": "合同", "institution": "机构", "category": "类别", "priority": "优先级",
    "engineer": "工程师", "clock": "时限", "policy": "政策", "edition": "政策版本",
}  # fmt: skip
SHEETS: tuple[tuple[By, ...], ...] = (("institution",), ("category",), ("engineer",), ("clock",), ("month",))
"""What the workbook and the printed page are grouped by."""
Key = tuple[str, ...]
Verdict = Literal["达标", "未达标", "无数据"]


class Tally(msgspec.Struct):
    """Cycles by outcome."""

    kept: int = 0
    late: int = 0
    exempted: int = 0
    open: int = 0
    void: int = 0

    def count(self, outcome: Outcome) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def cycles(self) -> int:
        return self.kept + self.late + self.exempted + self.open + self.void

    @property
    def rate(self) -> float | None:
        """Kept of those that count: neither exempted, nor void, nor open. None where there is none."""
        judged = self.kept + self.late
        return self.kept / judged if judged else None

    def verdict(self, share: float) -> Verdict:
        return "无数据" if self.rate is None else "达标" if self.rate >= share else "未达标"


def floored(kept: int, late: int) -> float | None:
    """The rate as it is written down: to a hundredth of a percent, and never up over a share that was not reached."""
    return kept * 10_000 // (kept + late) / 10_000 if kept + late else None


def percent(kept: int, late: int) -> str:
    rate = floored(kept, late)
    return "—" if rate is None else f"{rate:.2%}"


class Sums:
    """Everything that is asked of some rows at once. Rows come in any order; none is kept."""

    def __init__(
        self, groupings: Iterable[Sequence[By]], articles: Sequence[Article] = (), duties: Sequence[Duty] = ()
    ) -> None:
        self.articles, self.duties = tuple(articles), tuple(duties)
        self.total, self.clauses = Tally(), [Tally() for _ in articles]
        self.groups: dict[tuple[By, ...], dict[Key, Tally]] = {tuple(by): {} for by in groupings}
        self.editions: set[str] = set()
        self.contracts: set[str | None] = set()
        self._digest = Digest(duties)
        self._about: dict[tuple[str | None, Clock | None], list[tuple[Article, Tally]]] = defaultdict(list)
        for article, tally in zip(self.articles, self.clauses, strict=True):
            self._about[article.contract.id, article.clause.clock].append((article, tally))

    def add(self, row: Row) -> None:
        self.total.count(row.outcome)
        self._digest.add(row)
        self.editions.add(row.edition)
        self.contracts.add(row.contract)
        for by, groups in self.groups.items():
            groups.setdefault(tuple(str(getattr(row, name) or "") for name in by), Tally()).count(row.outcome)
        for article, tally in self._about.get((row.contract, row.clock), ()):
            if article.covers(row):
                tally.count(row.outcome)

    @property
    def digest(self) -> str:
        """Of the rows, and of the items of obligations."""
        return self._digest.hex

    def sorted(self, by: Sequence[By]) -> list[tuple[Key, Tally]]:
        """One grouping, by its key."""
        return sorted(self.groups[tuple(by)].items())
