"""What is asked often and answered by no article (知识缺口). Pure; its time grows with the number of questions only.

The same error of the same transaction is one gap. Other questions are put to the first one that says nearly the same:
it is looked for among those with which a question shares some of a few pairs of characters, chosen by hash.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID
from zlib import crc32

from chassis.chinese import normalise
from services.knowledge.suggestions.model import TOOK, Advice, Offer
from services.knowledge.suggestions.words import STOP

GOOD_FIT, GOOD_FIT_SAME_ERROR = 0.5, 0.2
ALIKE = 0.5
_LOOKS_AT, _SKETCH, _LEADERS, _TRIES, _SHORTEST = 160, 8, 32, 5, 4
EXAMPLES: Final = 5
_NOISE = re.compile(r"[a-z]?[0-9]{5,}[a-z]?|[\W_]+")


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
    by_words = _Leaders()
    for question in sorted(questions, key=lambda q: (q.at, q.case_id)):
        if question.signature:
            by_error[question.signature].append(question)
        else:
            by_words.put(question)
    found = [_gap(group, "error") for group in by_error.values()]
    found += [_gap(group, "words") for group in by_words.groups]
    return sorted(found, key=lambda g: (-g.cases, -g.last.timestamp(), g.leader.case_id))


class _Leaders:
    """Questions in groups; a group is led by its first one, and `put` compares with leaders only."""

    def __init__(self) -> None:
        self.groups: list[list[Question]] = []
        self._pairs: list[frozenset[str]] = []
        self._leading: dict[tuple[str | None, int], list[int]] = defaultdict(list)

    def put(self, question: Question) -> None:
        """What says nothing beyond a greeting is in no group."""
        pairs = pairs_of(question.text)
        if len(pairs) < _SHORTEST:
            return
        sketch = sorted(crc32(pair.encode()) for pair in pairs)[:_SKETCH]
        places = [self._leading[question.infno, part] for part in sketch]
        shared = Counter(group for place in places for group in place)
        for group, _ in shared.most_common(_TRIES):
            if _near(pairs, self._pairs[group]):
                self.groups[group].append(question)
                return
        for place in places:
            if len(place) < _LEADERS:
                place.append(len(self.groups))
        self.groups.append([question])
        self._pairs.append(pairs)


def pairs_of(text: str) -> frozenset[str]:
    """The pairs of characters of a text without numbers, punctuation and what is said in every question."""
    plain = _NOISE.sub("", normalise(text[:_LOOKS_AT]))
    return frozenset(map("".join, pairwise(plain))) - STOP


def _near(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


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
