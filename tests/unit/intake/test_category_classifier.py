"""The classifier: what it is made of, what it knows, and that its artefact carries nothing but numbers."""

import io
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.case import Category, Findings
from services.intake.category import material
from services.intake.category.classifier import Classifier, Unusable, dump, load, version_of
from services.intake.category.material import Question
from services.intake.category.train import learn
from services.intake.text.findings import find

HELD_BACK = Path(__file__).parents[3] / "bench" / "labelled" / "held_back.txt"
SHIPPED, ABOUT = load(material.BASE.read_bytes())


@pytest.fixture(scope="module")
def few() -> list[Question]:
    """Three categories with words of their own."""
    texts = {"目录": "药品甲类乙类查询", "培训": "视频会议课程学习", "拨付": "银行账户打款未到"}
    return [Question(f"{w}{i}号{w[:4]}", c, f"{c}{i}") for c, w in texts.items() for i in range(12)]


def test_the_written_questions_cover_every_category_and_leave_nothing_to_fill_in() -> None:
    written = material.written()
    assert {q.category for q in written} == set(get_args(Category))
    assert len({q.text for q in written}) >= 1_500
    assert not [q.text for q in written if set("{}[]|") & set(q.text)]


def test_no_held_back_question_is_among_the_written_ones() -> None:
    held_back = material.labelled(HELD_BACK)
    assert {q.category for q in held_back} == set(get_args(Category))
    assert len({q.text for q in held_back}) >= 400
    assert not {q.text.strip("？") for q in held_back} & {q.text.strip("？") for q in material.written()}


def test_the_model_that_ships_was_trained_on_the_questions_that_ship() -> None:
    assert ABOUT["material"] == material.digest(), "run: python -m services.intake.category.train --base"
    assert ABOUT["version"] == version_of(SHIPPED)


def test_the_model_that_ships_answers_most_held_back_questions() -> None:
    held_back = material.labelled(HELD_BACK)
    right = sum(SHIPPED.predict(q.text, find(q.text))[0] == q.category for q in held_back)
    assert right / len(held_back) > 0.6


@given(st.text(max_size=300))
def test_every_text_gets_probabilities_that_add_up_and_the_same_twice(text: str) -> None:
    shares = SHIPPED.probabilities(text, Findings())
    assert abs(float(shares.sum()) - 1) < 1e-4
    category, confidence = SHIPPED.predict(text, Findings())
    assert category in get_args(Category)
    assert 0 <= confidence <= 1
    assert (category, confidence) == SHIPPED.predict(text, Findings())


def test_an_artefact_gives_the_same_answers_after_a_journey(few: list[Question]) -> None:
    model, about = learn(few)
    again, told = load(dump(model, about))
    assert told["metrics"] == about["metrics"]
    assert version_of(again) == version_of(model)
    assert [again.predict(q.text, Findings()) for q in few] == [model.predict(q.text, Findings()) for q in few]


def test_corrections_teach_what_the_written_questions_do_not_say(few: list[Question]) -> None:
    new = [Question(f"蓝色单子{w}", "培训", f"case{i}") for i, w in enumerate("甲乙丙丁戊己")]
    before, _ = learn(few)
    after, about = learn(few, new)
    assert about["corrections"] == len(new)
    index = after.categories.index("培训")
    text = "蓝色单子在哪"
    assert after.probabilities(text, Findings())[index] > before.probabilities(text, Findings())[index]
    assert after.predict(text, Findings())[0] == "培训"


def test_the_same_material_gives_the_same_version(few: list[Question]) -> None:
    assert version_of(learn(few)[0]) == version_of(learn(few)[0])


def test_a_damaged_or_incomplete_artefact_is_refused(few: list[Question]) -> None:
    model, about = learn(few)
    with pytest.raises(Unusable):
        load(dump(model, about)[:-200])
    broken: Classifier = model._replace(weights=model.weights[:-1])
    with pytest.raises(Unusable, match="不完整"):
        load(dump(broken, about))


def test_an_artefact_that_wants_to_be_executed_is_refused() -> None:
    file = io.BytesIO()
    np.savez(file, head=np.array([{"pickled": "object"}], dtype=object))
    with pytest.raises(Unusable):
        load(file.getvalue())
