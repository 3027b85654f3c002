"""A workflow as its YAML file says it; what the words in it mean is in the engine."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal
from uuid import UUID

import msgspec

from contracts.case import Kind
from contracts.casework import Owes
from services.intake.model import Status

FieldType = Literal["text", "date", "datetime", "number", "count", "uuid"]
_SAYS: dict[FieldType, str] = {
    "text": "文字",
    "date": "日期, 例如 2026-11-22",
    "datetime": "时间, 例如 2026-11-22T09:30:00+08:00",
    "number": "数字, 例如 1280.50",
    "count": "不小于 0 的整数",
    "uuid": "编号 (UUID)",
}
MAX_FIELD = 2_000


class FieldSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One fact that a transition asks for. `choices` or `pattern` narrow a text."""

    field: str
    label: str
    type: FieldType = "text"
    choices: tuple[str, ...] = ()
    pattern: str = ""
    example: str = ""

    def fault(self, value: str) -> str:
        """What is wrong with `value`, in Chinese; empty when it is right."""
        if len(value) > MAX_FIELD:
            return f"最多 {MAX_FIELD} 字"
        if self.choices and value not in self.choices:
            return f"应为 {'、'.join(self.choices)} 之一"
        if self.pattern and not re.fullmatch(self.pattern, value):
            return f"格式不符{f', 例如 {self.example}' if self.example else ''}"
        return "" if _reads_as(self.type, value) else f"应为{_SAYS[self.type]}"


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`status` is what the rest of the desk sees. `then` is where work goes on once the one who owed has answered;
    `chase_after_h` is after how many hours they are reminded."""

    id: str
    name: str
    status: Status
    owes: Owes
    then: str = ""
    chase_after_h: float | None = None


class Transition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Without `to` it only notes facts down and the case stays in its step.

    `guards` are conditions on the case, `says` is a command to another service that goes with it.
    """

    name: str
    label: str
    sources: tuple[str, ...] = msgspec.field(name="from")
    to: str = ""
    requires: tuple[FieldSpec, ...] = ()
    optional: tuple[FieldSpec, ...] = ()
    guards: tuple[str, ...] = ()
    says: str = ""

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        return (*self.requires, *self.optional)

    def target(self, source: str) -> str:
        return self.to or source


class Escalated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The step of a case that was escalated, by whom it was escalated to."""

    province: str
    vendor: str


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the commands lead that every case knows: work began, escalated, resolved, closed, reopened."""

    started: str
    escalated: Escalated
    resolved: str
    closed: str
    reopened: str


class Workflow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of case; the first step is where it begins."""

    kind: Kind
    name: str
    about: str
    steps: tuple[Step, ...]
    transitions: tuple[Transition, ...]
    when: When

    @property
    def start(self) -> Step:
        return self.steps[0]

    def step(self, id_: str) -> Step | None:
        return next((s for s in self.steps if s.id == id_), None)

    def transition(self, name: str) -> Transition | None:
        return next((t for t in self.transitions if t.name == name), None)


def _reads_as(type_: FieldType, value: str) -> bool:
    try:
        match type_:
            case "date":
                date.fromisoformat(value)
            case "datetime":
                return datetime.fromisoformat(value).tzinfo is not None
            case "number":
                return Decimal(value).is_finite()
            case "count":
                return value.isascii() and value.isdigit()
            case "uuid":
                UUID(value)
    except (ValueError, InvalidOperation):
        return False
    return True
