"""Search: how well and how fast two public sets are found, by words alone and by words and meaning, in what memory.

YIBAO_BENCH_RETRIEVAL names the folder of the sets, YIBAO_BENCH_ENCODER that of an exported encoder; without them a
part is skipped and says so. Vectors are kept in .yibao/bench for the next run: encoding takes minutes.
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
from services.knowledge.search import reading
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, NoSynonyms, Query
from services.knowledge.search.query import matching
from services.knowledge.search.rank import PRIOR_OF_NONE
from services.knowledge.search.schema import SCHEMA, key_of
from services.knowledge.semantic.dots import by_onnx
from services.knowledge.semantic.encoder import Encoder, NoEncoder
from services.knowledge.semantic.fusion import DEPTH, fuse
from services.knowledge.semantic.learning import Material, better, learn
from services.knowledge.semantic.projection import Projection, fitted, load, plain, save
from services.knowledge.semantic.vectors import Vector, VectorFile

ENCODER: Final = "YIBAO_BENCH_ENCODER"
KEPT: Final = Path(".yibao") / "bench"
BARS: Final = {"ins": (29.5, 49.5), "faq": (22.0, 35.0)}
_EVERYONE: Final = Filters(Viewer(ENGINEERS))
_AT_ONCE: Final = 4_096
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
    encoder = _encoder()
    KEPT.mkdir(parents=True, exist_ok=True)
    results: list[Result] = []
    with TemporaryDirectory() as beside:
        for name, (mrr, recall) in BARS.items():
            index = Path(beside) / name
            print(f"{name}: indexed in {_apart(_build, at / name, index):.0f} s", flush=True)
            plainly = _said(name, "words", _apart(_by_words, at / name, index))
            best = plainly
            if encoder:
                print(f"{name}: {_apart(_encode, at / name, encoder)}", flush=True)
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
    told = os.environ.get(ENCODER, "")
    try:
        Encoder(Path(told))
    except NoEncoder as error:
        print(f"search by meaning: skipped, {error} ({ENCODER})", flush=True)
        return None
    return Path(told)


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
    index, encode = ArticleIndex(folder), Encoder(encoder)
    index.open()
    vectors = VectorFile(
        KEPT / f"{at.name}.vectors", encode.about.sha256, load(KEPT / f"{at.name}.npz"), by_onnx(encoder)
    )

    def find(text: str) -> list[UUID]:
        fused = fuse(_ranked(index, text), vectors.search(encode.encode([text])[0], DEPTH))[:10]
        index.find([id_ for id_, _ in fused], _EVERYONE.viewer)
        return [id_ for id_, _ in fused]

    return _measured(questions(at), find)


def _measured(asked: Sequence[Question], find: Callable[[str], list[UUID]]) -> Measured:
    times, answers = [], []
    for question in asked:
        start = time.perf_counter()
        answers.append(find(question.text))
        times.append((time.perf_counter() - start) * 1000)
    return Measured(quality(asked, answers), percentile(times, 0.5), percentile(times, 0.95), _rss_mb())


def _encode(at: Path, encoder: Path) -> str:
    """The vectors of what is not encoded yet, and what can be learned from pairs."""
    encode, documents = Encoder(encoder), texts(at)
    vectors = VectorFile(KEPT / f"{at.name}.vectors", encode.about.sha256, plain(encode.about.dims))
    known, start = vectors.versions(), time.perf_counter()
    missing = [id_ for id_ in documents if id_ not in known]
    for first in range(0, len(missing), _AT_ONCE):
        ids = missing[first : first + _AT_ONCE]
        vectors.put(map(Vector, ids, [1] * len(ids), encode.encode([documents[id_] for id_ in ids])))
    encoded, start = time.perf_counter() - start, time.perf_counter()
    projection = _learned(pairs(at), encode, vectors)
    save(projection, KEPT / f"{at.name}.npz")
    said = f"{projection.about} in {time.perf_counter() - start:.0f} s"
    return f"{len(missing)} of {len(documents)} encoded in {encoded:.0f} s, {said}"


def _learned(known: list[tuple[str, UUID]], encode: Encoder, vectors: VectorFile) -> Projection:
    """From the pairs, where there are any and what is learned holds on those kept apart."""
    if not known:
        return plain(encode.about.dims)
    ids, answers = vectors.everything()
    place, asked = {id_: n for n, id_ in enumerate(ids)}, list(dict.fromkeys(question for question, _ in known))
    number = {question: n for n, question in enumerate(asked)}
    rows = np.array([(number[question], place[id_]) for question, id_ in known])
    made = learn(fitted(answers), Material(encode.encode(asked), answers, rows))
    return made if better(made) else plain(encode.about.dims)


def _ranked(index: ArticleIndex, text: str) -> list[tuple[UUID, float]]:
    """The DEPTH best by words, without what only a page of hits needs."""
    searcher = index._searcher()
    words, same = reading.asked(searcher, text, NoSynonyms())
    wanted = matching(SCHEMA, words, same, _EVERYONE)
    found = searcher.search(wanted, DEPTH, count=False, weight_by_field="prior").hits if words else []
    return [(key_of(searcher.doc(at)).article_id, score / PRIOR_OF_NONE) for score, at in found]


def _said(name: str, how: str, measured: Measured) -> Measured:
    speed = f"p50 {measured.p50_ms:.1f} ms  p95 {measured.p95_ms:.1f} ms  {measured.rss_mb:.0f} MB"
    print(f"{name}, {how}: {measured.quality}  {speed}", flush=True)
    return measured


def _rss_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in status if line.startswith("VmRSS"))) / 1024


if __name__ == "__main__":
    show(search())
