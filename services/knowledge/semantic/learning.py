"""Learns how to turn questions from pairs of a question and its answer, and measures it on pairs kept apart. Pure.

A question is drawn to its answer and away from the other answers of its batch and some more, drawn by lot.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.knowledge.semantic.projection import Floats, Projection, plain

FEWEST: Final = 200
"""With fewer pairs there is nothing to learn that would hold tomorrow."""
_HELD, _EPOCHS, _STEPS, _BATCH, _OTHERS, _RATE, _SHARPNESS = 0.1, 3, 200, 256, 1_024, 1e-3, 30.0
_FIRST: Final = 10

Pairs = NDArray[np.int64]
"""Rows of [question, answer], as rows of the two matrices."""


class Material(NamedTuple):
    """What the encoder made of the questions and of all answers, and which belong together."""

    questions: Floats
    answers: Floats
    pairs: Pairs


class Split(NamedTuple):
    learned: Pairs
    held: Pairs


def learn(projection: Projection, material: Material, seed: int = 0) -> Projection:
    """`projection` with `turn` learned; `about` says what it found on pairs kept apart before and after, so that
    whoever uses it can see whether it is better. What is better is then learned once more, from all pairs.

    Raises ValueError for too few pairs.
    """
    if len(material.pairs) < FEWEST:
        raise ValueError(f"{len(material.pairs)} pairs, {FEWEST} are needed")
    split = apart(material.pairs, seed)
    placed = Material(projection.placed(material.questions), projection.placed(material.answers), material.pairs)
    tried = projection._replace(turn=_turn(projection.turn, placed._replace(pairs=split.learned), seed))
    before, after = (mrr(p, material, split.held) for p in (plain(projection.dims), tried))
    turn = _turn(projection.turn, placed, seed) if after > before else tried.turn
    about = {
        "learned": True, "pairs": len(material.pairs), "held": len(split.held), "seed": seed,
        "mrr_before": round(before, 4), "mrr_after": round(after, 4), "sha256": sha256(turn.tobytes()).hexdigest(),
    }  # fmt: skip
    return projection._replace(turn=turn, about=about)


def better(projection: Projection) -> bool:
    """Whether it found more on the pairs kept apart than the vectors as they are."""
    return bool(projection.about.get("mrr_after", 0.0) > projection.about.get("mrr_before", 0.0))


def apart(pairs: Pairs, seed: int) -> Split:
    """A tenth of the questions, with all of their answers, is only for measuring."""
    asked = np.unique(pairs[:, 0])
    held = np.random.default_rng(seed).permutation(asked)[: max(1, int(len(asked) * _HELD))]
    kept = np.isin(pairs[:, 0], held)
    return Split(pairs[~kept], pairs[kept])


def mrr(projection: Projection, material: Material, pairs: Pairs) -> float:
    """The mean of 1 / rank of the first right answer among all answers; 0 beyond the first ten."""
    answers = projection.placed(material.answers)
    right = _answers_of(pairs)
    asked = np.array(sorted(right))
    questions = projection.turned(projection.placed(material.questions[asked]))
    total = 0.0
    for question, row in zip(asked, questions, strict=True):
        scores = answers @ row
        rank = int((scores > scores[right[question]].max()).sum()) + 1
        total += 1 / rank if rank <= _FIRST else 0.0
    return total / len(asked)


def _turn(start: Floats, material: Material, seed: int) -> Floats:
    turn, right, random = start.copy(), _answers_of(material.pairs), np.random.default_rng(seed)
    first, second = np.zeros_like(turn), np.zeros_like(turn)
    epochs = max(_EPOCHS, _STEPS * _BATCH // len(material.pairs))
    batches = [b for _ in range(epochs) for b in _batches(material.pairs, random)]
    for step, pairs in enumerate(batches, 1):
        others = random.integers(0, len(material.answers), _OTHERS)
        shown = np.concatenate([pairs[:, 1], others])
        slope = _slope(turn, material, pairs[:, 0], shown, [right[question] for question in pairs[:, 0]])
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        rate = _RATE * max(0.05, 1 - step / len(batches))
        turn -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-9)
    return turn


def _slope(
    turn: Floats, material: Material, asked: NDArray[np.int64], shown: NDArray[np.int64], right: Sequence[Pairs]
) -> Floats:
    """Of the cross entropy of a batch; row n of `shown` answers row n of `asked`, its other right answers are no
    wrong ones."""
    questions, answers = material.questions[asked], material.answers[shown]
    turned = questions @ turn.T
    length = np.linalg.norm(turned, axis=1, keepdims=True)
    turned /= length
    scores = _SHARPNESS * (turned @ answers.T)
    own = np.arange(len(asked))
    for row, answered in enumerate(right):
        also = np.isin(shown, answered)
        also[row] = False
        scores[row, also] = -np.inf
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[own, own] -= 1
    pull = (shares * (_SHARPNESS / len(asked))) @ answers
    pull = (pull - (pull * turned).sum(axis=1, keepdims=True) * turned) / length
    slope: Floats = pull.T @ questions
    return slope


def _batches(pairs: Pairs, random: np.random.Generator) -> list[Pairs]:
    mixed = pairs[random.permutation(len(pairs))]
    return [mixed[at : at + _BATCH] for at in range(0, len(mixed), _BATCH)]


def _answers_of(pairs: Pairs) -> dict[int, Pairs]:
    ordered = pairs[np.argsort(pairs[:, 0], kind="stable")]
    asked, starts = np.unique(ordered[:, 0], return_index=True)
    return dict(zip(asked.tolist(), np.split(ordered[:, 1], starts[1:]), strict=True))
