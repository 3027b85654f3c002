"""One list of two: what shares words with a question, and what means the same. Pure.

Scores of both are brought to a scale of their own list: 1 is its best hit, 0 its last one and whatever it does not
have. So neither needs to know what the other counts in, and a sentence can say why a hit stands where it stands.
"""

from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple, TypeVar

DEPTH: Final = 200
"""Of both lists so many are looked at."""
MEANING: Final = 1.5
"""What the meaning counts beside the words: best on pairs that nothing was learned from."""
_STRONG: Final = 0.5

Id = TypeVar("Id", bound=Hashable)
Ranked = Sequence[tuple[Id, float]]


class Fused(NamedTuple):
    """`words` and `meaning` are between 0 and 1; `score` is at most 1."""

    score: float
    words: float
    meaning: float

    @property
    def means_it(self) -> bool:
        """Whether it is here for what it means, and not for its words alone."""
        return self.meaning >= _STRONG


def fuse(by_words: Ranked[Id], by_meaning: Ranked[Id], weight: float = MEANING) -> list[tuple[Id, Fused]]:
    """All of both, the best first. Without a list by meaning the order by words stays as it is."""
    words, meaning = _scaled(by_words), _scaled(by_meaning)
    made = [(id_, _fused(words.get(id_, 0.0), meaning.get(id_, 0.0), weight)) for id_ in {**words, **meaning}]
    return sorted(made, key=lambda hit: -hit[1].score)


def _fused(words: float, meaning: float, weight: float) -> Fused:
    return Fused((words + weight * meaning) / (1 + weight), words, meaning)


def _scaled(ranked: Ranked[Id]) -> dict[Id, float]:
    """A list whose hits all score the same has only best ones."""
    if not ranked:
        return {}
    scores = [score for _, score in ranked]
    low, high = min(scores), max(scores)
    return {id_: (score - low) / (high - low) if high > low else 1.0 for id_, score in ranked}
