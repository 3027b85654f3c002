"""Search: how well and how fast two public sets are found, by words alone and by words and meaning, in what memory.

YIBAO_BENCH_RETRIEVAL names the folder of the sets (else ../shared/data/retrieval), YIBAO_BENCH_ENCODER that of an
exported encoder; what is not there is skipped and says so. Vectors are kept in .yibao/bench for the next run: encoding
takes a quarter of an hour.
"""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import numpy as np

from bench.result import Result, percentile, show
from bench.retrieval import DATA, Quality, Question, articles, folder, pairs, quality, questions, texts
from services.knowledge.audience import ENGINEERS, Viewer
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, Query
from services.knowledge.semantic.encoder import ABOUT
from services.knowledge.semantic.learning import Material, better, learn
from services.knowledge.semantic.projection import Projection, fitted, load, plain, save
from services.knowledge.semantic.stage import Stage

ENCODER: Final = "YIBAO_BENCH_ENCODER"
KEPT: Final = Path(".yibao") / "bench"
BARS: Final = {"ins": (29.5, 49.5), "faq": (22.0, 35.0)}
_EVERYONE: Final = Filters(Viewer(ENGINEERS))
T = TypeVar("T")


class Measured(NamedTuple):
    quality: Quality
    p50_ms: float
    p95_ms: float
    rss_mb: float


def search() -> list[Result]:
    at = folder()
    if at is None:
        print(f"search: skipped, {DATA} names no folder of retrieval sets", flush=True)
        return []
    KEPT.mkdir(parents=True, exist_ok=True)
    encoder = _encoder()
    results: list[Result] = []
    with TemporaryDirectory() as beside:
        for name, (mrr, recall) in BARS.items():
            index = Path(beside) / name
            print(f"{name}: indexed in {_apart(_build, at / name, index):.0f} s", flush=True)
            plainly = _said(name, "words", _apart(_by_words, at / name, index))
            best = plainly
            if encoder:
                print(f"{name}: {_apart(_encode, at / name, index, encoder)}", flush=True)
                best = _said(name, "words and meaning", _apart(_by_both, at / name, index, encoder))
            said = f"by words alone {plainly.quality.mrr:.1f}, R@10 {plainly.quality.recall_10:.1f}"
            results += [
                Result(f"search_{name}_mrr10", best.quality.mrr, "%", mrr, beside=said),
                Result(f"search_{name}_r10", best.quality.recall_10, "%", recall),
            ]
    fused = [Result("search_fused_p95_ms", best.p95_ms, "ms", 60, at_least=False)] if encoder else []
    words = Result("search_p95_ms", plainly.p95_ms, "ms", 15, at_least=False, beside=f"p50 {plainly.p50_ms:.1f} ms")
    return [*results, words, *fused, Result("index_rss_mb", best.rss_mb, "MB", 600, at_least=False)]


def _encoder() -> Path | None:
    """The folder of the one that is named, or installed beside the desk, or else of one that is exported for this."""
    named = os.environ.get(ENCODER, "")
    for at in (Path(named),) if named else (Path(".yibao/encoder"), KEPT / "encoder"):
        if (at / ABOUT).exists():
            return at
    try:
        from services.knowledge.semantic.export import NotInstalled, export, installed
    except ImportError as error:
        print(f"search by meaning: skipped, {error.name} is not installed: run make bench, or make encoder", flush=True)
        return None
    try:
        export(installed(), KEPT / "encoder")
    except NotInstalled as error:
        print(f"search by meaning: skipped, {error}", flush=True)
        return None
    return KEPT / "encoder"


def _apart(work: Callable[..., T], *told: Any) -> T:
    """In a process of its own, so that memory is what this work takes."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(work, *told).result()


def _build(at: Path, index: Path) -> float:
    documents, start = texts(at), time.perf_counter()
    built = ArticleIndex(index)
    built.open()
    built.bulk(articles(documents))
    built.close()
    return time.perf_counter() - start


def _by_words(at: Path, folder: Path) -> Measured:
    index = ArticleIndex(folder)
    index.open()

    def find(text: str) -> list[UUID]:
        return [hit.entry.article_id for hit in index.search(Query(text, _EVERYONE)).hits]

    return _measured(questions(at), find)


def _by_both(at: Path, folder: Path, encoder: Path) -> Measured:
    index = ArticleIndex(folder)
    index.open()
    stage = Stage.of(encoder, KEPT / at.name)
    stage.use(load(KEPT / f"{at.name}.npz"))
    index.meaning = stage

    def find(text: str) -> list[UUID]:
        return [hit.entry.article_id for hit in index.search(Query(text, _EVERYONE)).hits]

    return _measured(questions(at), find)


def _measured(asked: Sequence[Question], find: Callable[[str], list[UUID]]) -> Measured:
    times, answers = [], []
    for question in asked:
        start = time.perf_counter()
        answers.append(find(question.text))
        times.append((time.perf_counter() - start) * 1000)
    return Measured(quality(asked, answers), percentile(times, 0.5), percentile(times, 0.95), _rss_mb())


def _encode(at: Path, folder: Path, encoder: Path) -> str:
    """Brings the stage level with the index, and learns from pairs what can be learned."""
    index, stage, start = ArticleIndex(folder), Stage.of(encoder, KEPT / at.name), time.perf_counter()
    index.open()
    encoded = stage.follow(index)
    index.close()
    level, start = time.perf_counter() - start, time.perf_counter()
    projection = _learned(pairs(at), stage)
    save(projection, KEPT / f"{at.name}.npz")
    said = f"{projection.about} in {time.perf_counter() - start:.0f} s"
    return f"{encoded} of {len(stage)} encoded in {level:.0f} s, {said}"


def _learned(known: list[tuple[str, UUID]], stage: Stage) -> Projection:
    """From the pairs, where there are any and what is learned holds on those kept apart."""
    if not known:
        return plain(stage.about.dims)
    answers, ids = stage.some((), len(stage))
    place, asked = {id_: n for n, id_ in enumerate(ids)}, list(dict.fromkeys(question for question, _ in known))
    number = {question: n for n, question in enumerate(asked)}
    rows = np.array([(number[question], place[id_]) for question, id_ in known])
    made = learn(fitted(answers), Material(stage.encoded(asked), answers, rows))
    return made if better(made) else plain(stage.about.dims)


def _said(name: str, how: str, measured: Measured) -> Measured:
    speed = f"p50 {measured.p50_ms:.1f} ms  p95 {measured.p95_ms:.1f} ms  {measured.rss_mb:.0f} MB"
    print(f"{name}, {how}: {measured.quality}  {speed}", flush=True)
    return measured


def _rss_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in status if line.startswith("VmRSS"))) / 1024


if __name__ == "__main__":
    show(search())
