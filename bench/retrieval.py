"""Public questions with the documents that answer them, as articles; and how well they are found."""

import gzip
import json
import math
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from contracts.case import Findings
from contracts.envelope import SYSTEM, derive_id
from contracts.knowledge import ArticleEvent, ArticlePublished

DATA: Final = "YIBAO_BENCH_RETRIEVAL"
USUAL: Final = "../shared/data/retrieval"
_THEN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST: Final = 10


class Question(NamedTuple):
    text: str
    relevant: frozenset[UUID]


class Quality(NamedTuple):
    """In percent. `recall` at k is the share of questions with a right document among the first k."""

    recall_1: float
    recall_5: float
    recall_10: float
    mrr: float
    ndcg: float

    def __str__(self) -> str:
        r1, r5, r10, mrr, ndcg = (f"{value:.2f}" for value in self)
        return f"R@1 {r1}  R@5 {r5}  R@10 {r10}  MRR@10 {mrr}  nDCG@10 {ndcg}"


def folder() -> Path | None:
    """Where `ins` and `faq` are; None where they are not."""
    at = Path(os.environ.get(DATA) or USUAL)
    return at if (at / "faq").is_dir() else None


def texts(at: Path) -> dict[UUID, str]:
    with gzip.open(at / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {_id(at, document["id"]): document["text"] for document in map(json.loads, lines)}


def questions(at: Path) -> list[Question]:
    lines = (at / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    return [Question(q["text"], frozenset(_id(at, id_) for id_ in q["relevant"])) for q in map(json.loads, lines)]


def pairs(at: Path) -> list[tuple[str, UUID]]:
    """What may be learned from: a question and a document that answers it; none of the questions above."""
    path = at / "train_pairs.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [(question, _id(at, id_)) for question, id_ in found]


def articles(documents: dict[UUID, str]) -> Iterator[ArticleEvent]:
    """Each document as a published article with nothing but its text."""
    for n, (id_, text) in enumerate(documents.items()):
        yield ArticlePublished(
            id=id_, cause_id=id_, correlation_id=id_, version=1, actor=SYSTEM, occurred_at=_THEN, recorded_at=_THEN,
            article_id=id_, case_id=id_, number=f"YB-{n:06}", title="", question="", answer=text, category="结算支付",
            findings=Findings(), live_revision=1,
        )  # fmt: skip


def quality(asked: Sequence[Question], answers: Sequence[Sequence[UUID]]) -> Quality:
    ranks = [_ranks(q, found[:_FIRST]) for q, found in zip(asked, answers, strict=True)]
    recalls = (sum(bool(r) and r[0] <= k for r in ranks) for k in (1, 5, 10))
    mrr = sum(1 / r[0] for r in ranks if r)
    ndcg = sum(_gain(r) / _gain(range(1, min(_FIRST, len(q.relevant)) + 1)) for q, r in zip(asked, ranks, strict=True))
    return Quality(*(100 * value / len(asked) for value in (*recalls, mrr, ndcg)))


def _ranks(question: Question, found: Sequence[UUID]) -> list[int]:
    return [rank for rank, id_ in enumerate(found, 1) if id_ in question.relevant]


def _gain(ranks: Sequence[int]) -> float:
    return sum(1 / math.log2(rank + 1) for rank in ranks)


def _id(at: Path, name: str) -> UUID:
    return derive_id("retrieval", at.name, name)
