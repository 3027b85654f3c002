"""An index in a process that is killed: `python -m tests.faults.index_victim <folder> <apply|rebuild>`.

It says when it has begun, and whenever it has built the index anew; it goes on until it is killed.
"""

import itertools
import sys
from pathlib import Path

from contracts.knowledge import ArticleEvent
from services.knowledge.search.index import ArticleIndex
from tests.unit.knowledge.articles import article

STREAM, BATCH, IN_A_REBUILD = "today", 20, 3_000


def batch(n: int) -> list[ArticleEvent]:
    """The `n`-th batch: half of its articles are those of the batch before, said anew."""
    return [
        article(i, f"门诊结算第{i}条", f"第{n}批", version=n + 1) for i in range(n * BATCH // 2, n * BATCH // 2 + BATCH)
    ]


def _apply(index: ArticleIndex) -> None:
    for n in itertools.count(index.position.sequence // BATCH):
        index.apply(batch(n), (n + 1) * BATCH)


def _rebuild(index: ArticleIndex) -> None:
    events = [article(i, f"重建第{i}条") for i in range(IN_A_REBUILD)]
    while True:
        index.bulk(events, STREAM, IN_A_REBUILD * BATCH)
        print("built", flush=True)


if __name__ == "__main__":
    opened = ArticleIndex(Path(sys.argv[1]))
    opened.open()
    if opened.position.stream != STREAM:
        opened.restart(STREAM)
    print("begun", flush=True)
    (_apply if sys.argv[2] == "apply" else _rebuild)(opened)
