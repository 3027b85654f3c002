"""One template or expression of a rule over its event: says None where it fails, and lets somebody know. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import TemplateSyntaxError

from contracts.envelope import Event
from services.notify.rules import sandbox

Complain = Callable[[str, str, str], None]
"""Told of a template that failed: the rule, which part of it, and the kind of error; nothing of the event."""
_FACT: Final = re.compile(r"\s*event\.([a-z_]+)\s*")


def nobody_hears(rule: str, part: str, why: str) -> None:
    """For rules whose mistakes are told elsewhere."""


class Part:
    """`name` is the rule's key that it stands under; with `ask` it is an expression, else a text."""

    def __init__(self, rule: str, name: str, source: str, complain: Complain, *, ask: bool = False) -> None:
        self._rule, self._name, self._complain = rule, name, complain
        self._made: Callable[[Mapping[str, Any]], Any] | None = None
        try:
            self._made = _asked(source) if ask else sandbox.text(source)
        except TemplateSyntaxError as error:
            self.failed(error)

    def of(self, event: Event, judge: Callable[[Any], Any]) -> Any:
        """What it says of the event, as `judge` takes it; None where either fails. Raises nothing of `TROUBLE`."""
        if self._made is None:
            return None
        try:
            return judge(self._made({"event": event}))
        except sandbox.TROUBLE as error:
            return self.failed(error)

    def failed(self, error: Exception) -> None:
        self._complain(self._rule, self._name, type(error).__name__)


def _asked(source: str) -> Callable[[Mapping[str, Any]], Any]:
    """`event.priority` is by far the most common and needs no template."""
    if fact := _FACT.fullmatch(source):
        field = fact[1]
        return lambda facts: sandbox.PLAIN.getattr(facts["event"], field)
    return sandbox.value(source)
