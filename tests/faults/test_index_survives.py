"""SIGKILL in the middle of applying and of rebuilding: what is left is sound, and one of the states that there were."""

import random
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from services.knowledge.audience import Viewer
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, Query
from tests.faults.index_victim import BATCH, IN_A_REBUILD, STREAM, batch
from tests.unit.knowledge.articles import article

pytestmark = pytest.mark.real
KILLS = 6


def test_killed_while_it_takes_events_in_it_holds_what_its_position_says_or_a_batch_more(tmp_path: Path) -> None:
    chance = random.Random(1)
    for _ in range(KILLS):
        _killed(tmp_path, "apply", chance.uniform(0.05, 0.6))
        index = _opened(tmp_path)
        done = index.position.sequence // BATCH
        assert index.known() in (_truth(tmp_path / "a", done), _truth(tmp_path / "b", done + 1))
        index.apply(batch(done), (done + 1) * BATCH)
        assert index.known() == _truth(tmp_path / "c", done + 1), "what comes again changes nothing"
        assert index.search(Query("门诊结算", Filters(Viewer("engineers")))).total == len(index)
        index.close()
    assert done, "something was taken in"


def test_killed_while_it_is_built_anew_the_old_generation_or_the_new_one_serves(tmp_path: Path) -> None:
    index = _opened(tmp_path)
    index.restart(STREAM)
    index.apply([article(1, "从前的一条")], 1)
    index.close()
    chance, whole = random.Random(2), 0
    for n in range(KILLS):
        _killed(tmp_path, "rebuild", chance.uniform(0.02, 1.0), after_one=n == KILLS // 2)
        index = _opened(tmp_path)
        whole += len(index) == IN_A_REBUILD
        assert len(index) in (1, IN_A_REBUILD)
        assert len(list(tmp_path.glob("index-*"))) == 1, "nothing half built is left"
        asked = "从前" if len(index) == 1 else "重建第7条"
        assert index.search(Query(asked, Filters(Viewer("engineers")))).total
        index.close()
    assert whole, "what was finished before the kill serves"


def _killed(folder: Path, work: str, after_s: float, after_one: bool = False) -> None:
    """Some time after it has begun, or has built one index."""
    command = [sys.executable, "-m", "tests.faults.index_victim", str(folder), work]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as victim:
        assert victim.stdout is not None and victim.stdout.readline() == b"begun\n"
        if after_one:
            assert victim.stdout.readline() == b"built\n"
        with pytest.raises(subprocess.TimeoutExpired):  # it does not end by itself
            victim.wait(after_s)
        victim.kill()
        assert victim.wait() == -signal.SIGKILL


def _opened(folder: Path) -> ArticleIndex:
    index = ArticleIndex(folder)
    index.open()
    return index


def _truth(folder: Path, batches: int) -> dict[UUID, int]:
    """What an index that nobody has disturbed holds after so many batches."""
    index = _opened(folder)
    events = [event for n in range(batches) for event in batch(n)]
    index.bulk(events, STREAM, batches * BATCH)
    known = index.known()
    index.close()
    return known
