"""Definitions (口径): what a report counts, as data beside its SQL, and the hash that names both.

Imported by the service and by the report's own process; keep it light.
"""

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
import yaml

REPORTS = Path(__file__).parent / "reports"


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that the CSV has or may have; `mask` shortens a personal value, `drop` never keeps it."""

    code: str
    name: str
    type: Literal["text", "code", "amount", "datetime"]
    required: bool
    personal: Literal["", "mask", "drop"] = ""
    values: dict[str, str] = {}
    pattern: str = ""

    @property
    def label(self) -> str:
        return f"{self.name} ({self.code})"


class Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of the sheet; `code` is shown with its name from the dictionary of the CSV's column."""

    code: str
    name: str
    kind: Literal["text", "code", "count", "amount"]


class Refund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which column says that a row is a refund, and which amount must not be negative without it."""

    flag: str
    amount: str


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question about the accepted rows that the sheet answers with one number."""

    name: str
    sql: str


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """See `reports/*/definition.yaml`."""

    id: str
    title: str
    unit: str
    scope: tuple[str, ...]
    date_column: str
    columns: tuple[Column, ...]
    refund: Refund
    outputs: tuple[Output, ...]
    checks: tuple[Check, ...] = ()
    sql: str = ""
    hash: str = ""

    @cached_property
    def kept(self) -> tuple[Column, ...]:
        """The columns that reach the report: everything that is not personal."""
        return tuple(c for c in self.columns if not c.personal)


def load(report: str, reports: Path = REPORTS) -> Definition:
    """Raises FileNotFoundError when there is no such report, msgspec.ValidationError when it is badly written."""
    text = (reports / report / "definition.yaml").read_bytes()
    sql = (reports / report / "report.sql").read_bytes()
    raw = yaml.safe_load(text) | {"sql": sql.decode(), "hash": sha256(text + b"\0" + sql).hexdigest()}
    return msgspec.convert(raw, Definition)


def catalogue(reports: Path = REPORTS) -> Mapping[str, Definition]:
    """Every report by its id."""
    found = (load(path.parent.name, reports) for path in sorted(reports.glob("*/definition.yaml")))
    return {definition.id: definition for definition in found}


def hashes(definitions: Mapping[str, Definition]) -> dict[str, str]:
    return {id_: definition.hash for id_, definition in definitions.items()}
