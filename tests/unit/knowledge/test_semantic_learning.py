"""What is learned from pairs: it finds more on pairs that it has not seen, and the same every time."""

from pathlib import Path

import numpy as np
import pytest

from services.knowledge.semantic.learning import FEWEST, Material, apart, better, learn
from services.knowledge.semantic.projection import NoProjection, fitted, load, plain, save, unit

DIMS = 24


def material(count: int = 800, noise: float = 0.5) -> Material:
    """In half of their numbers questions say nothing of their answers."""
    random = np.random.default_rng(5)
    answers = unit(random.normal(size=(count, DIMS)).astype(np.float32))
    noisy = random.normal(0, noise, answers.shape) * (np.arange(DIMS) < DIMS // 2)
    questions = unit((answers + noisy).astype(np.float32))
    return Material(questions, answers, np.stack([np.arange(count)] * 2, axis=1))


def test_finds_more_on_pairs_kept_apart_and_says_so() -> None:
    made = learn(fitted(material().answers), material())
    assert better(made)
    assert made.about["mrr_after"] > made.about["mrr_before"] + 0.05
    assert (made.about["pairs"], made.about["held"]) == (800, 80)


def test_the_same_pairs_and_seed_make_the_same_projection() -> None:
    one, other = (learn(fitted(material().answers), material(), seed=3) for _ in range(2))
    assert one.about == other.about
    assert np.array_equal(one.turn, other.turn)


def test_where_nothing_is_to_be_learned_it_is_not_called_better() -> None:
    assert not better(learn(plain(DIMS), material(noise=0.0)))
    assert not better(plain(DIMS))


def test_too_few_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match=str(FEWEST)):
        learn(plain(DIMS), material(FEWEST - 1))


def test_all_answers_of_a_question_are_on_one_side() -> None:
    pairs = np.array([(n // 3, n) for n in range(300)])
    split = apart(pairs, 0)
    assert not set(split.learned[:, 0]) & set(split.held[:, 0])
    assert len(split.learned) + len(split.held) == 300


def test_several_right_answers_are_no_wrong_ones_of_each_other() -> None:
    some = material()
    pairs = np.concatenate([some.pairs, some.pairs + np.array([0, 1])])[:-1]
    assert np.isfinite(learn(fitted(some.answers), some._replace(pairs=pairs)).turn).all()


def test_is_kept_in_a_file_that_is_read_back_or_refused(tmp_path: Path) -> None:
    made, path = learn(fitted(material().answers), material()), tmp_path / "p.npz"
    save(made, path)
    found = load(path)
    assert np.array_equal(found.turn, made.turn) and found.about["mrr_after"] == made.about["mrr_after"]
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(NoProjection):
        load(path)
    with pytest.raises(NoProjection):
        load(tmp_path / "none.npz")


def test_a_direction_scores_as_the_vectors_do() -> None:
    some = material()
    made = learn(fitted(some.answers), some)
    vector, offset = made.direction(some.questions[4])
    scores = (some.answers @ vector + offset) / made.lengths(some.answers)
    expected = made.placed(some.answers) @ made.turned(made.placed(some.questions[4:5]))[0]
    assert scores == pytest.approx(expected, abs=1e-4)
