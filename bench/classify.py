"""How well rules and classifier name the category of questions that neither has seen, and how fast."""

import timeit
from pathlib import Path

from sklearn.metrics import f1_score

from bench.result import Result, show
from services.intake.category.categoriser import Categoriser, by_rules
from services.intake.category.classifier import load
from services.intake.category.material import BASE, Question, labelled
from services.intake.category.rules import categorise
from services.intake.settings import IntakeSettings
from services.intake.text.findings import find

HELD_BACK = Path(__file__).with_name("labelled") / "held_back.txt"


def classify() -> list[Result]:
    """Macro F1 over the 21 categories on the held-back questions; microseconds per question."""
    questions = labelled(HELD_BACK)
    model, _ = load(BASE.read_bytes())
    both = Categoriser(IntakeSettings().classifier_threshold, model)
    rules = _macro_f1(questions, by_rules)
    verdicts = [both(q.text, find(q.text)) for q in questions]
    by_model = [v.category == q.category for v, q in zip(verdicts, questions, strict=True) if v.by == "model"]
    beside = (
        f"rules alone {rules:.2f}, every guess of the model taken {_macro_f1(questions, Categoriser(0, model)):.2f}"
    )
    said = f"{len(by_model)} of {len(questions)} questions decided by the model"
    return [
        Result("classifier_macro_f1", _macro_f1(questions, both), "", beside=beside),
        Result("rules_macro_f1", rules, ""),
        Result("classifier_right_where_it_decides", sum(by_model) / len(by_model), "share", beside=said),
        Result("rules_us", _microseconds(questions, categorise), "µs", 6, at_least=False),
        Result("classifier_us", _microseconds(questions, both), "µs", beside="rules and model together"),
    ]


def _macro_f1(questions: list[Question], judge: Categoriser) -> float:
    guessed = [judge(q.text, find(q.text)).category for q in questions]
    return float(f1_score([q.category for q in questions], guessed, average="macro"))


def _microseconds(questions: list[Question], judge: object) -> float:
    assert callable(judge)
    told = [(q.text, find(q.text)) for q in questions]

    def all_of_them() -> None:
        for text, found in told:
            judge(text, found)

    return min(timeit.repeat(all_of_them, number=1, repeat=7)) / len(told) * 1e6


if __name__ == "__main__":
    show(classify())
