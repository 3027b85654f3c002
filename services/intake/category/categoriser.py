"""The first verdict on a case: the rules' word, the model's where no rule decides, and never over a person's."""

from typing import NamedTuple, Protocol

from msgspec.structs import replace

from contracts.case import Category, DecidedBy, Findings, Kind, Priority
from services.intake.category.kinds import kind_of
from services.intake.category.rules import is_trouble, priority_of, rule
from services.intake.model import Case


class Verdict(NamedTuple):
    """`confidence` is the model's, None where it did not decide."""

    category: Category
    priority: Priority
    by: DecidedBy
    confidence: float | None
    kind: Kind


class Model(Protocol):
    """Anything that gives a text a category and how sure it is, from 0 to 1."""

    def predict(self, text: str, findings: Findings) -> tuple[Category, float]: ...


class Categoriser:
    """`model` is exchanged when a newer one is there. A cause that was folded is never judged again, so a message
    that comes twice keeps the verdict of the model that saw it first."""

    def __init__(self, threshold: float = 0.4, model: Model | None = None) -> None:
        self.threshold, self.model = threshold, model

    def __call__(self, text: str, findings: Findings) -> Verdict:
        category, decided = rule(text, findings)
        by: DecidedBy = "rule"
        confidence = None
        if not decided and self.model is not None:
            guess, sure = self.model.predict(text, findings)
            if sure >= self.threshold:
                category, by, confidence = guess, "model", sure
        trouble = is_trouble(text, findings)
        priority, kind = priority_of(text, category, trouble), kind_of(category, findings, trouble)
        return Verdict(category, priority, by, confidence, kind)


by_rules = Categoriser()


def judged(case: Case, verdict: Verdict) -> Case:
    """The case with a new verdict after more was said; what staff decided stays as it is."""
    unsaid = verdict.by == "rule" and verdict.category == "业务咨询" and case.category_by == "model"
    if case.category_by != "staff" and not unsaid:
        case = replace(case, category=verdict.category, category_by=verdict.by, confidence=verdict.confidence)
    return case if case.priority_by == "staff" else replace(case, priority=verdict.priority)
