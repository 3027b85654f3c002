"""Where a template could make a value longer: bounds that hold before the value is there. Pure.

A rule is at most 4,000 characters, and yet names one fact a thousand times, in a loop a thousand times a thousand.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

LONGEST: Final = 20_000
"""Characters after which whatever a template says is stopped; no alert and no message is nearly as long."""
_ROUNDS: Final = 200
"""How often a loop goes round at most."""


def spoken(value: object) -> str:
    """As a text. Raises ValueError for a list of so much that its text had better not be made: a short template can
    name one long fact very often.
    """
    room, waiting = LONGEST, [value] if isinstance(value, list | tuple | Mapping) else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += (*one.keys(), *one.values())
        elif isinstance(one, list | tuple):
            waiting += one
        else:
            room -= len(str(one))
        room -= 1
        if room < 0:
            raise ValueError("too long to be said")
    return str(value)


def together(parts: Iterable[object], by: str = "") -> str:
    """The texts of all, one behind the other, until there are `LONGEST` characters."""
    room, kept = LONGEST, list[str]()
    for n, part in enumerate(parts):
        text = f"{by if n else ''}{spoken(part)}"
        kept.append(text[:room])
        room -= len(text)
        if room <= 0:
            break
    return "".join(kept)


def few(some: Iterable[Any]) -> tuple[Any, ...]:
    """What a loop goes over. Raises TypeError for a text."""
    if isinstance(some, str | bytes):
        raise TypeError("loops are for lists")
    return tuple(islice(some, _ROUNDS))


def said(value: Any) -> Any:
    """What `{{ }}` says: texts as they are, of anything else a text with an end."""
    return value if isinstance(value, str) else spoken(value)


IN_PLACE: Final = {"~": together, "%": few}
"""Filters that stand in for what Jinja2 does itself; their names cannot be written in a template."""


class Bounded(NodeTransformer):
    """Puts the filters of `IN_PLACE` where they belong."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(nodes.Tuple(node.nodes, "load", lineno=node.lineno), "~")

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _filtered(node.iter, "%")
        return node


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)
