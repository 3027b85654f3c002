"""Every route of every service, as data: to whom it is open, what names a row in its address, the least that it takes.

Read from the applications themselves, so that a route that is added is asked for too.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from chassis.access import ANYBODY, Roles, _handlers
from tests.support.smallest import smallest
from tests.support.traces import Json
from yibao.services import SERVICES
from yibao.settings import StackSettings

NONE: Final = str(UUID(int=7))
_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_DEFAULTS = {"uuid": NONE, "int": "1", "path": "x", "date": "2026-11-01"}
_WORDS = {"channel": "web", "kind": "institution", "clock": "first_response", "report": "card_payments", "act": "note"}


class Rows(NamedTuple):
    """What belongs to one hospital, by what names it in an address; the words that stand nowhere else are its marks."""

    code: str = "H99999999999"
    case: str = NONE
    number: str = "YB-00000-00000"
    message: str = "nothing"
    article: str = NONE
    run: str = NONE
    reconciliation: str = NONE
    alert: str = NONE
    account: str = "nobody"
    archive: str = "x.pdf"
    exemption: str = NONE
    marks: tuple[str, ...] = ()


NOTHING: Final = Rows()
ABSENT: Final = Rows(number="YB-00000-00001")
"""Rows that nobody has; asked for with all that a route takes."""
# By service, beginning of the path and parameter: which of a hospital's rows it names.
_NAMED: Mapping[tuple[str, str, str], str] = {
    ("intake", "/cases/", "reference"): "case", ("intake", "/cases/", "message_id"): "message",
    ("intake", "/messages/", "message_id"): "message", ("intake", "/directory/", "key"): "code",
    ("intake", "/duty/visits/", "reference"): "case", ("sla", "/clocks/", "case_id"): "case",
    ("sla", "/exemptions/", "exemption_id"): "exemption",
    ("stats", "/runs/", "run_id"): "run", ("stats", "/reconciliations/", "id_"): "reconciliation",
    ("notify", "/alerts/", "alert_id"): "alert", ("notify", "/recipients/", "key"): "account",
    ("notify", "/settings/recipients/", "key"): "account", ("knowledge", "/articles/", "reference"): "article",
    ("knowledge", "/similar/", "reference"): "case", ("knowledge", "/suggestions/", "reference"): "case",
    ("knowledge", "/archive/", "file"): "archive", ("console", "/cases/", "ref"): "number",
    ("console", "/cases/", "message"): "message", ("console", "/runs/", "run_id"): "run",
    ("console", "/knowledge/", "reference"): "article", ("console", "/inbox/", "alert_id"): "alert",
    ("console", "/reconciliations/", "id_"): "reconciliation", ("console", "/institutions/", "code"): "code",
    ("console", "/cases/", "article"): "article", ("console", "/ask/sent/", "message"): "message",
}  # fmt: skip
_QUERIED = {
    "institution": "code", "institutions": "code", "institution_code": "code", "code": "code", "case": "case",
    "case_id": "case", "run": "run", "run_id": "run", "requester": "code",
}  # fmt: skip


class Route(NamedTuple):
    """`roles` is empty for a route that is open to anybody."""

    service: str
    method: str
    path: str
    roles: Roles
    queries: tuple[str, ...]
    body: Any

    @property
    def name(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def names_rows(self) -> bool:
        return any(self._named(parameter) for parameter, _ in _PARAMETER.findall(self.path))

    def url(self, rows: Rows) -> str:
        """Its address, with these rows."""
        return _PARAMETER.sub(lambda found: self._value(found[1], found[2] or "str", rows), self.path)

    def parameters(self, rows: Rows) -> dict[str, str]:
        """Those of its address, with these rows."""
        return {name: self._value(name, kind or "str", rows) for name, kind in _PARAMETER.findall(self.path)}

    @property
    def plain(self) -> str:
        """Its address as descriptions write it."""
        return _PARAMETER.sub(r"{\1}", self.path)

    def query(self, rows: Rows) -> Json:
        """What narrows a list to these rows."""
        return {name: getattr(rows, _QUERIED[name]) for name in self.queries if name in _QUERIED}

    @property
    def keys(self) -> list[tuple[str, str, str]]:
        """Of `_NAMED`, those that name rows in its address."""
        parameters = {name for name, _ in _PARAMETER.findall(self.path)}
        return [
            key for key in _NAMED if self.service == key[0] and self.path.startswith(key[1]) and key[2] in parameters
        ]

    def _named(self, parameter: str) -> str | None:
        return next((_NAMED[key] for key in self.keys if key[2] == parameter), None)

    def _value(self, parameter: str, kind: str, rows: Rows) -> str:
        row = self._named(parameter)
        value: str = getattr(rows, row) if row else _WORDS.get(parameter, _DEFAULTS.get(kind, "x"))
        return value


def routes(settings: StackSettings) -> list[Route]:
    """Those over HTTP; a socket has a door of its own."""
    found = [route for entry in SERVICES for route in _of(entry.name, entry.app(settings))]
    used = {key for route in found for key in route.keys}
    assert used == set(_NAMED), f"no route has {set(_NAMED) - used}"
    return found


def _of(service: str, app: Litestar) -> Iterator[Route]:
    described = app.openapi_schema.to_schema()
    for path, handler in _handlers(app):
        if not isinstance(handler, HTTPRouteHandler) or path.startswith(("/static", "/vendor")):
            continue
        told = handler.opt["roles"]
        queries = tuple(inspect.signature(handler.fn).parameters)
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
            roles: Roles = frozenset() if told == ANYBODY else told
            yield Route(service, method, path, roles, queries, _body(described, path, method))


def _body(described: Json, path: str, method: str) -> Any:
    """None where the description has none, as for pages and files."""
    operation = described["paths"].get(_PARAMETER.sub(r"{\1}", path), {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else smallest(content["schema"], described["components"]["schemas"])
