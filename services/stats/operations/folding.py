"""`python -m services.stats.operations.folding OUT UNTIL TABLE…`: events on stdin, a JSON each line, become Parquet.

A process of its own: it holds what the folds need of every event and loads Arrow, both of which the service must not.
Its last word on stdout is the list of data sets as JSON.
"""

import gc
import sys
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from services.stats.operations.articles import Articles
from services.stats.operations.cases import Cases
from services.stats.operations.clocks import Clocks
from services.stats.operations.obligations import Obligations
from services.stats.operations.suggestions import Suggestions
from services.stats.operations.told import Row, Told, local
from services.stats.report import Input
from services.stats.sources.table import HERE, load_table

TABLES = HERE / "tables"
_told = msgspec.json.Decoder(Told)


class Desk:
    """Every fold, by the first word of the events' types."""

    def __init__(self, until: datetime) -> None:
        self._until = until
        self.cases, self.clocks, self.obligations = Cases(), Clocks(), Obligations()
        self.articles, self.suggestions = Articles(), Suggestions()
        self._hear = {
            "case": self.cases.hear, "sla": self.clocks.hear, "obligation": self.obligations.hear,
            "knowledge": self.articles.hear, "suggestion": self.suggestions.hear,
        }  # fmt: skip
        self.unread = 0

    def hear(self, line: bytes) -> None:
        """What is no event by this version of the desk is counted and left out."""
        try:
            told = _told.decode(line)
        except msgspec.DecodeError:
            self.unread += 1
            return
        if told.recorded_at <= self._until and (hear := self._hear.get(told.type.partition(".")[0])) is not None:
            hear(told)

    def tables(self) -> Iterable[tuple[str, Iterable[Row]]]:
        """The rows of each table, made while they are written."""
        cases = self.cases.known()
        yield "desk_act", self.cases.acts()
        yield "desk_article", self.articles.rows()
        yield "desk_article_day", self.articles.days()
        yield "desk_case", self.cases.rows()
        yield "desk_clock", self.clocks.rows(cases)
        yield "desk_obligation", self.obligations.rows(local(self._until))
        yield "desk_suggestion", self.suggestions.rows(cases, self.articles.categories())
        yield "desk_training", self.cases.trainings()


def fold(lines: Iterable[bytes], out: Path, until: datetime, wanted: Collection[str] = ()) -> tuple[Input, ...]:
    """Data sets of everything that was recorded until then, of the `wanted` tables or all. `out` is made.

    A file has the name of its hash.
    """
    from services.stats.operations.writing import write

    desk = Desk(until)
    for line in lines:
        desk.hear(line)
    out.mkdir(parents=True, exist_ok=True)
    if desk.unread:
        sys.stderr.write(f"{desk.unread} events are of another version of the desk and were left out\n")
    return tuple(
        write(load_table(TABLES / f"{name}.yaml"), rows, out)
        for name, rows in desk.tables()
        if not wanted or name in wanted
    )


if __name__ == "__main__":
    gc.disable()  # nothing here has cycles, and walking millions of small objects takes a third of the time
    made = fold(sys.stdin.buffer, Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3:])
    sys.stdout.buffer.write(msgspec.json.encode(made) + b"\n")
