"""The declared schema of a source table (数据表): `sources/tables/<name>.yaml`, and the code tables it refers to.

Imported by the service and by the processes that read and count; keep it light.
"""

from collections.abc import Mapping
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
import yaml

HERE = Path(__file__).parent
Type = Literal["text", "code", "amount", "ratio", "count", "date", "datetime", "month"]
SQL_TYPES: dict[Type, str] = {
    "text": "VARCHAR", "code": "VARCHAR", "amount": "DECIMAL(18,2)", "ratio": "DECIMAL(9,4)", "count": "BIGINT",
    "date": "DATE", "datetime": "TIMESTAMP", "month": "VARCHAR",
}  # fmt: skip
"""What each type is on DuckDB; a month is text `2026-10`."""


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`code` is the name in the national data model, in lower case; a header may give it or the Chinese `name`.

    `personal`: `pseudonym` becomes a keyed hash (the same person is the same token, so that heads can be counted and
    tables joined), `mask` keeps the ends, `drop` is never kept. `dictionary` names a code table; with `open` a value
    that is not in it is accepted and counted in the profile, because provinces extend the national tables.
    """

    code: str
    name: str
    type: Type = "text"
    required: bool = False
    personal: Literal["", "pseudonym", "mask", "drop"] = ""
    dictionary: str = ""
    open: bool = False
    pattern: str = ""
    most: int = 200

    @property
    def label(self) -> str:
        return f"{self.name} ({self.code})"


class Refund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which column says that a row is a refund, and which amount must not be negative without it."""

    flag: str
    amount: str


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file without a header, as another system writes it: tabs, these columns in this order.

    `given` are columns that such a file lacks and whoever uploads it must say; `extra` columns at the end are ignored.
    """

    title: str
    columns: tuple[str, ...]
    given: tuple[str, ...] = ()
    extra: int = 0


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """`grain` says in Chinese what a row is, `key` identifies it, `dated` is the column that dates it.

    `institution` and `district` are the columns by which rows are shown to whom; a table without them is shown only to
    those who may see everything, unless it is `shared`: catalogues, which are the same for all. `refund` is the rule
    for negative rows, `layouts` are files without a header that it can be read from.
    """

    name: str
    title: str
    grain: str
    columns: tuple[Column, ...]
    source: str = ""
    key: tuple[str, ...] = ()
    dated: str = ""
    institution: str = ""
    district: str = ""
    shared: bool = False
    refund: Refund | None = None
    layouts: dict[str, Layout] = {}
    notes: tuple[str, ...] = ()
    hash: str = ""

    @cached_property
    def by_code(self) -> dict[str, Column]:
        return {c.code: c for c in self.columns}

    @cached_property
    def kept(self) -> tuple[Column, ...]:
        """The columns that land in Parquet."""
        return tuple(c for c in self.columns if c.personal != "drop")


@cache
def tables(folder: Path = HERE / "tables") -> Mapping[str, Table]:
    """Every declared table by its name. Raises msgspec.ValidationError for a file that is badly written."""
    found = (load_table(path) for path in sorted(folder.glob("*.yaml")))
    return {table.name: table for table in found}


def load_table(path: Path) -> Table:
    text = path.read_bytes()
    raw = yaml.safe_load(text) | {"name": path.stem, "hash": sha256(text).hexdigest()}
    return msgspec.convert(raw, Table)


@cache
def dictionaries(folder: Path = HERE / "dictionaries") -> Mapping[str, Mapping[str, str]]:
    """Every code table (字典) by its name: code to Chinese name."""
    return {path.stem: _codes(path) for path in sorted(folder.glob("*.yaml"))}


def _codes(path: Path) -> dict[str, str]:
    return msgspec.convert(yaml.safe_load(path.read_bytes()), dict[str, str])
