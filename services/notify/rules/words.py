"""The Chinese words that rules and templates may ask for: Jinja2 filters, each of one fact.

No filter makes a text much longer than it was, for filters stand in rows.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from chassis.zone import BEIJING
from contracts.casework import OWES_NAMES
from contracts.delivery import DELIVERY_NAMES
from contracts.exemption import GROUND_NAMES
from contracts.notify import URGENCY_NAMES
from contracts.obligation import period_name
from contracts.sla import CLOCK_NAMES
from services.notify.rules import duties
from services.notify.rules.bounds import spoken, together
from services.notify.rules.cutting import ELLIPSIS
from services.notify.rules.cutting import cut as _cut

_LONGEST_SEPARATOR, _LONGEST_CUT = 20, 5_000


def minute(at: datetime) -> str:
    """`11-22 17:30`, in Beijing."""
    return f"{at.astimezone(BEIJING):%m-%d %H:%M}"


def second(at: datetime) -> str:
    """`11-22 17:30:05`, in Beijing."""
    return f"{at.astimezone(BEIJING):%m-%d %H:%M:%S}"


def day(at: datetime) -> str:
    """`2026-11-22`, in Beijing."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d}"


def percent(share: float) -> str:
    """0.906 as `90.6%`."""
    return f"{share:.1%}"


def named(names: dict[Any, str], unnamed: str = "") -> Callable[[Any], str]:
    """A filter that says the name of a value; a value that is not known yet stands for itself."""
    return lambda value: names.get(value) or unnamed or spoken(value)


def without(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def joined(some: Iterable[object], by: str = "、") -> str:
    """`a、b`. Raises TypeError for a text: it would be taken apart, and be longer each time."""
    if isinstance(some, str | bytes):
        raise TypeError("joined is for lists")
    return together(some, spoken(by)[:_LONGEST_SEPARATOR])


def cut(text: object, most: int) -> str:
    """The beginning, with `…` where something is missing."""
    return _cut(spoken(text), min(max(1, int(most)), _LONGEST_CUT), ELLIPSIS)


def first(some: Any) -> Any:
    return next(iter(some), "")


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "minute": minute,
    "second": second,
    "day": day,
    "percent": percent,
    "clock_name": named(CLOCK_NAMES),
    "owes_name": named(OWES_NAMES),
    "owed_by": named({**OWES_NAMES, "nobody": "结果"}),
    "ground_name": named(GROUND_NAMES),
    "urgency_name": named(URGENCY_NAMES),
    "delivery_name": named(DELIVERY_NAMES),
    "period_name": period_name,
    "duty_title": duties.title,
    "duty_body": duties.body,
    "without": without,
    "joined": joined,
    "cut": cut,
    "first": first,
    "length": len,
    "upper": lambda text: spoken(text).upper(),
    "lower": lambda text: spoken(text).lower(),
    "trim": lambda text: spoken(text).strip(),
    "int": int,
    "abs": abs,
}
"""With Jinja2's own `default`. What is not here a template cannot ask for: nothing that multiplies a text."""
