"""Which articles and similar cases fit a case best, and why. Pure, and every factor of a score can be told.

    score = relevance × agreement × usage × memory × (1.2 for what is published)

- relevance: half of it the index's score, usage left out, as a share of its best; half how many of the question's
  telling words it has;
- agreement: the same error, transaction, institution, category;
- usage: what staff and readers made of the article (`search/rank.py`);
- memory: how often it was taken over for the same error of the same transaction, less how often it was rejected there.
"""

from collections.abc import Collection, Mapping, Sequence
from math import log2
from typing import Final, NamedTuple
from uuid import UUID

from services.knowledge.articles.model import Counts, article_id_of
from services.knowledge.search.rank import factor
from services.knowledge.suggestions.model import Asked, Offer, Reason, error_key
from services.knowledge.suggestions.words import matched, runs, telling

SAME_BOTH, SAME_ERROR, SAME_INFNO, OTHER_INFNO = 2.4, 1.5, 1.25, 0.6
SAME_INSTITUTION, SAME_CATEGORY = 1.08, 1.05
PUBLISHED, MEANING = 1.2, 1.15
REMEMBERED, MOST_REMEMBERED, FORGOTTEN = 0.4, 2.4, 0.5
ENOUGH: Final = 0.15
"""So many of the question's words there must be, where nothing else speaks for it."""


class Candidate(NamedTuple):
    """Something of the library; `score` is the index's, `text` its title, question and symptoms, normalised."""

    article_id: UUID
    number: str
    title: str
    text: str
    category: str
    institution: str | None
    infno: str | None
    error: str
    live: bool
    usage: Counts
    score: float = 0.0
    meaning: bool = False
    from_case: bool = False


class _Rated(NamedTuple):
    score: float
    fit: float
    candidate: Candidate
    same: list[Reason]
    words: frozenset[str]


def ranked(asked: Asked, candidates: Sequence[Candidate], memory: Mapping[UUID, int], most: int) -> tuple[Offer, ...]:
    """The best first; never the case's own article, nor what does not fit at all.

    `memory` is, by article, how often it was taken over for the same error, less how often it was rejected.
    """
    own, words = article_id_of(asked.case_id), telling(asked.text)
    top = max((_plain(c) for c in candidates), default=0.0) or 1.0
    rated = [
        _rate(asked, words, c, _plain(c) / top, memory.get(c.article_id, 0)) for c in candidates if c.article_id != own
    ]
    fitting = sorted((r for r in rated if r.score), key=lambda r: (-r.score, r.candidate.article_id))
    return tuple(_offer(asked, r) for r in fitting[:most])


def _rate(asked: Asked, words: Sequence[str], c: Candidate, standing: float, taken: int) -> _Rated:
    found = matched(words, c.text)
    fit = len(found) / len(words) if words else 0.0
    same = _shared(asked, c)
    if taken > 0:
        same.insert(0, Reason("accepted", f"{taken} 次"))
    speaks = taken > 0 or c.meaning or any(r.kind in ("error", "infno") for r in same)
    if fit < ENOUGH and not speaks:
        return _Rated(0.0, fit, c, same, found)
    score = max((standing + fit) / 2, 0.3 if taken > 0 else 0.05)
    agrees = agreement(asked, c, {reason.kind for reason in same})
    # What staff took over for this very error is about it, whatever it says.
    score *= (max(agrees, SAME_BOTH) if taken > 0 else agrees) * remembered(taken) * factor(c.usage)
    score *= (PUBLISHED if c.live else 1.0) * (MEANING if c.meaning else 1.0)
    return _Rated(round(score, 3), round(fit, 3), c, same, found)


def _plain(c: Candidate) -> float:
    """The index's score without what usage did to it, which counts once."""
    return c.score / factor(c.usage)


def remembered(taken: int) -> float:
    """1 for what was never judged for this error; taken over often counts, each time a little less."""
    if taken <= 0:
        return 1.0 if taken == 0 else FORGOTTEN
    return min(MOST_REMEMBERED, 1 + REMEMBERED * log2(1 + taken))


def agreement(asked: Asked, c: Candidate, same: Collection[str]) -> float:
    """The same error of the same transaction says most; of another transaction it is mostly another matter."""
    if "infno" in same:
        both = SAME_BOTH if "error" in same else SAME_INFNO
    else:
        other = bool(asked.infno and c.infno)
        both = (SAME_ERROR if "error" in same else 1.0) * (OTHER_INFNO if other else 1.0)
    institution = SAME_INSTITUTION if "institution" in same else 1.0
    return both * institution * (SAME_CATEGORY if "category" in same else 1.0)


def _shared(asked: Asked, c: Candidate) -> list[Reason]:
    error = error_key(asked.error, asked.error_code)
    shared = (
        ("error", error and error == c.error and (asked.error_code or asked.error)),
        ("infno", asked.infno and asked.infno == c.infno and asked.infno),
        ("institution", asked.institution and asked.institution == c.institution and asked.institution),
        ("category", asked.category and asked.category == c.category and asked.category),
    )
    return [Reason(kind, str(what)[:200]) for kind, what in shared if what]


def _offer(asked: Asked, rated: _Rated) -> Offer:
    c = rated.candidate
    strong = [r for r in rated.same if r.kind in ("accepted", "error", "infno")]
    weak = [r for r in rated.same if r not in strong]
    words = [Reason("words", "、".join(found)[:200])] if (found := runs(asked.text, rated.words)) else []
    meaning = [Reason("meaning")] if c.meaning else []
    kind = "article" if c.live else "case"
    return Offer(
        c.article_id, c.number, c.title[:200], kind, rated.score, rated.fit, (*strong, *words, *meaning, *weak)
    )
