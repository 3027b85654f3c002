"""Rows summed up, by whatever is asked for: how many of each outcome, and the share that was kept."""

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import msgspec

from services.sla.attainment.agreed import Article
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


class Sums:
    """Everything that is asked of some rows at once. Rows come in any order; none is kept."""

    def __init__(self, groupings: Iterable[Sequence[By]], articles: Sequence[Article]) -> None:
        self.articles = tuple(articles)
        self.total, self.clauses = Tally(), [Tally() for _ in articles]
        self.groups: dict[tuple[By, ...], dict[Key, Tally]] = {tuple(by): {} for by in groupings}
        self.editions: set[str] = set()
        self._digest = Digest()

    def add(self, row: Row) -> None:
        self.total.count(row.outcome)
        self._digest.add(row)
        self.editions.add(row.edition)
        for by, groups in self.groups.items():
            groups.setdefault(tuple(str(getattr(row, name) or "") for name in by), Tally()).count(row.outcome)
        for article, tally in zip(self.articles, self.clauses, strict=True):
            if article.covers(row):
                tally.count(row.outcome)

    @property
    def digest(self) -> str:
        return self._digest.hex

    def sorted(self, by: Sequence[By]) -> list[tuple[Key, Tally]]:
        """One grouping, by its key."""
        return sorted(self.groups[tuple(by)].items())
