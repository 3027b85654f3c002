"""What can stand in a line of `day.jsonl` beyond messages and what staff do: the morning, HTTP's doors, an outage."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Expected = Literal["case", "addition", "duplicate", "resent", "response", "dead"]


class Step(BaseModel):
    """Unknown fields are refused: which step a line is, is decided by its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Directory(Step):
    """The tables of `deploy/directory` are imported, in this order; who is in them is known from now on."""

    directory: tuple[Literal["institution", "contact", "contract", "staff"], ...]


class OnDuty(Step):
    """These are on duty from now on."""

    on_duty: tuple[str, ...]
    hours: float = 8


class Form(Step):
    """Somebody fills in the form on the web, which reaches intake by HTTP."""

    form: str
    fields: dict[str, str]
    expect: Expected
    planted: tuple[str, ...] = ()


class Call(Step):
    """Somebody phones: the switch reports the call, `by` notes what was said. The number is new for every play."""

    call: str
    name: str
    institution: str | None = None
    text: str
    by: str
    expect: Expected
    planted: tuple[str, ...] = ()


class Widespread(Step):
    """The outage that the cases of these messages are about: wait until it is suggested, or act on it."""

    outage: Literal["suggested", "confirm", "broadcast", "resolve"]
    cases: tuple[str, ...]
    by: str = ""
    body: dict[str, Any] = {}
