"""What is asked often and answered by no article (知识缺口). Pure; its time grows with the number of questions only.

The same error of the same transaction is one gap. Other questions are put to the first one that says nearly the same:
it is looked for among those with which a question shares some of a few pairs of characters, chosen by hash. What stands
in most questions, as the words with which people greet and introduce themselves, counts little.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import log
from typing import Final, NamedTuple
from uuid import UUID
from zlib import crc32

from chassis.chinese import normalise
from services.knowledge.suggestions.model import TOOK, Advice, Offer
from services.knowledge.suggestions.words import STOP

GOOD_FIT, GOOD_FIT_SAME_ERROR = 0.5, 0.2
ALIKE = 0.5
_LEAST, _FEW = 0.3, 10
_LOOKS_AT, _SKETCH, _LEADERS, _TRIES, _SHORTEST = 160, 8, 32, 5, 4
EXAMPLES: Final = 5
_NOISE = re.compile(r"[a-z]?[0-9]{5,}[a-z]?|[\W_]+")


_INTRODUCED = re.compile(
    r"[^,.。;!?\n]{0,24}(?:信息科|医保办|医保科|财务科|收费处)(?:的|这边)*(?:小.)?"
    r"|(?<![^,.。;!?\n])[^,.。;!?\n]{0,14}(?:打扰|感谢|谢谢|看一下|看下|看看|咨询)[^,.。;!?\n]{0,5}(?![^,.。;!?\n])"
)
"""Who asks, and that they ask: no part of the question. Of a normalised text."""
_POLITE = re.compile("您好|你好|老师|请问|麻烦|帮忙|看看|看一下|看下|谢谢")


class Question(NamedTuple):
    """A case without an answer; `signature` is empty where no error is known."""

    case_id: UUID
    number: str
    title: str
    text: str
    category: str
    institution: str | None
    infno: str | None
    signature: str
    at: datetime


class Gap(NamedTuple):
    """`leader` is the first that asked it, `by` says what makes them one: the same `error`, or the same `words`."""

    leader: Question
    by: str
    cases: int
    institutions: tuple[str, ...]
    category: str
    examples: tuple[str, ...]
    first: datetime
    last: datetime


def is_answered(advice: Advice) -> bool:
    """Somebody took a suggestion over, or there is a published article that fits and was not rejected."""
    if any(v.verdict in TOOK for v in advice.verdicts):
        return True
    return any(is_good(offer) for offer in advice.offers if offer.article_id not in advice.rejected)


def is_good(offer: Offer) -> bool:
    """A published article with half of the question's telling words, or a fifth of them and the same error."""
    same_error = any(reason.kind in ("error", "accepted") for reason in offer.reasons)
    return offer.kind == "article" and offer.fit >= (GOOD_FIT_SAME_ERROR if same_error else GOOD_FIT)


def gaps(questions: Iterable[Question]) -> list[Gap]:
    """What is asked most comes first, and of two the later one."""
    by_error: dict[str, list[Question]] = defaultdict(list)
    others: list[Question] = []
    for question in sorted(questions, key=lambda q: (q.at, q.case_id)):
        (by_error[question.signature] if question.signature else others).append(question)
    by_words = _Leaders(weights_of(others))
    for question in others:
        by_words.put(question)
    found = [_gap(group, "error") for group in by_error.values()]
    found += [_gap(group, "words") for group in by_words.groups]
    return sorted(found, key=lambda g: (-g.cases, -g.last.timestamp(), g.leader.case_id))


class _Leaders:
    """Questions in groups; a group is led by its first one, and `put` compares with leaders only. `weights` say how
    much each pair of characters counts."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._weights = weights
        self.groups: list[list[Question]] = []
        self._pairs: list[frozenset[str]] = []
        self._leading: dict[tuple[str | None, str], list[int]] = defaultdict(list)

    def put(self, question: Question) -> None:
        """What says nothing beyond a greeting is in no group."""
        pairs = pairs_of(question.text)
        if len(pairs) < _SHORTEST:
            return
        places = [self._leading[question.infno, pair] for pair in sorted(pairs, key=self._drawn)[:_SKETCH]]
        shared = Counter(group for place in places for group in place)
        for group, _ in shared.most_common(_TRIES):
            if self._near(pairs, self._pairs[group]):
                self.groups[group].append(question)
                return
        for place in places:
            if len(place) < _LEADERS:
                place.append(len(self.groups))
        self.groups.append([question])
        self._pairs.append(pairs)

    def _drawn(self, pair: str) -> tuple[float, str]:
        """A lot that is drawn for a pair, the same for every question; what weighs more is drawn more often."""
        return -log((crc32(pair.encode()) + 1) / (1 << 32)) / self._weights[pair], pair

    def _near(self, one: frozenset[str], other: frozenset[str]) -> bool:
        return self._sum(one & other) >= ALIKE * self._sum(one | other)

    def _sum(self, pairs: Iterable[str]) -> float:
        return sum(map(self._weights.__getitem__, pairs))


def pairs_of(text: str) -> frozenset[str]:
    """The pairs of characters of a text without numbers, punctuation and what is said in every question."""
    plain = normalise(text[:_LOOKS_AT])
    told = _pairs(_INTRODUCED.sub("", plain))
    return told if len(told) >= _SHORTEST else _pairs(plain)


def _pairs(plain: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(_NOISE.sub("", _POLITE.sub("", plain))))) - STOP


def weights_of(questions: Sequence[Question]) -> dict[str, float]:
    """How much each pair of characters says: little where most questions have it, the same for all while there are
    few questions."""
    times = Counter(pair for question in questions for pair in pairs_of(question.text))
    return {pair: _LEAST + log((_FEW + len(questions)) / (_FEW + n)) for pair, n in times.items()}


def _gap(group: Sequence[Question], by: str) -> Gap:
    categories = Counter(q.category for q in group)
    return Gap(
        leader=group[0],
        by=by,
        cases=len(group),
        institutions=tuple(sorted({q.institution for q in group if q.institution})),
        category=categories.most_common(1)[0][0],
        examples=tuple(q.number for q in group[-EXAMPLES:][::-1]),
        first=group[0].at,
        last=group[-1].at,
    )
