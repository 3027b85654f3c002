"""A counted report, as the engine hands it to whoever writes it down (XLSX, PDF, HTML, CSV, Parquet) or shows it."""

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from services.stats.definitions.definition import Definition, Kind, Severity
from services.stats.periods import Period

Verdict = Literal["passed", "warned", "failed"]


class Scope(msgspec.Struct, frozen=True):
    """Whose rows are counted (行级权限): of these institutions and districts; None is all of them.

    A district is an administrative code or the beginning of one (`6201` is a city and all its districts).
    """

    institutions: tuple[str, ...] | None = None
    districts: tuple[str, ...] | None = None

    @property
    def all(self) -> bool:
        return self.institutions is None and self.districts is None


class Checked(msgspec.Struct, frozen=True):
    """What a check found; `found` says it in Chinese, with the figures."""

    name: str
    ok: bool
    severity: Severity
    found: str


class Input(msgspec.Struct, frozen=True):
    """A data set that was counted: its table, the hash of its Parquet, how many rows it has, what file it came from."""

    table: str
    sha256: str
    rows: int
    path: str = ""
    name: str = ""


class Shown(msgspec.Struct, frozen=True):
    """A column of the result as it is written: the definition's outputs, and those that comparisons added."""

    code: str
    name: str
    kind: Kind
    dimension: bool = False
    dictionary: str = ""


class ReadIn(msgspec.Struct, frozen=True):
    """What came of the upload that was read for this report alone: its rows, and those that were not accepted."""

    rows: int
    rejected: int


class Report(msgspec.Struct, frozen=True):
    """`data` is a Parquet file with `columns` in their order and `rolled` (see Definition), sorted: lines before their
    subtotal, the total last. `hidden` cells were suppressed: they are null, and `hidden_marks` counts them.

    `data_as_of` is the newest date in the data sets, None where no table has one. `draft` marks a trial by a definition
    that is not in force; `origin` says of one in force whether it ships or was approved at the desk. Nothing tells when
    or by whom it was made: the same data and definition give the same bytes.
    """

    definition: Definition
    period: Period
    scope: Scope
    data: Path
    columns: tuple[Shown, ...]
    rows: int
    sha256: str
    inputs: tuple[Input, ...]
    checks: tuple[Checked, ...] = ()
    parameters: dict[str, str] = {}
    data_as_of: datetime | None = None
    hidden_marks: int = 0
    below: int = 0
    draft: bool = False
    origin: Literal["", "shipped", "desk"] = ""
    read_in: ReadIn | None = None

    @property
    def verdict(self) -> Verdict:
        failed = {c.severity for c in self.checks if not c.ok}
        return "failed" if "fail" in failed else "warned" if "warn" in failed else "passed"
