"""What the independent computations share: standard filters in plain Python, exact shares, adding up by groups."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]
Key = tuple[str | None, ...]
Lines = dict[Key, dict[str, Any]]
INPATIENT = {"13", "21", "22", "23", "24", "52", "92"}


def money(value: Decimal | None) -> Decimal:
    return value or Decimal(0)


def total(rows: Iterable[Row], *columns: str) -> Decimal:
    return sum((money(r[c]) for r in rows for c in columns), Decimal(0))


def heads(rows: Iterable[Row]) -> int:
    return len({r["psn_no"] for r in rows})


def share(part: Decimal | int | Fraction, whole: Decimal | int, digits: int) -> Decimal | None:
    """Exact, then rounded half away from zero; nothing where there is nothing to divide by."""
    if not whole:
        return None
    exact = Fraction(part) / Fraction(whole)
    with localcontext() as context:
        context.prec = 60
        return (Decimal(exact.numerator) / exact.denominator).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def in_window(moment: datetime, since: date, until: date) -> bool:
    return datetime.combine(since, time()) <= moment < datetime.combine(until, time())


def valid(rows: Rows, since: date, until: date, region: str) -> list[Row]:
    """Settlements that are valid and not taken back, settled in the window, of people insured in the region."""
    return [r for r in valid_ever(rows, region) if in_window(r["setl_time"], since, until)]


def valid_ever(rows: Rows, region: str) -> Iterator[Row]:
    for r in rows["setl_d"]:
        if r["vali_flag"] == "1" and r["refd_setl_flag"] == "0" and r["insu_admdvs"].startswith(region):
            yield r


def care(row: Row) -> str:
    """Outpatient 1, chronic 2, inpatient 3, pharmacy 4, anything else 9."""
    kind, pharmacy = row["med_type"], row["fixmedins_code"].startswith("P")
    if pharmacy:
        return "4" if kind in {"14", "41"} else "9"
    if kind in {"11", "12", "51"}:
        return "1"
    if kind == "14" or kind.startswith("91"):
        return "2"
    return "3" if kind in INPATIENT or kind.startswith("21") else "9"


def days(row: Row) -> int:
    return int((row["enddate"] - row["begndate"]).days) + 1


def month_in(text: str, since: date, until: date) -> bool:
    year, month = text.split("-")
    return since <= date(int(year), int(month), 1) < until


def by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for r in rows:
        found[r[column]].append(r)
    return found


def grouped(
    rows: Iterable[Row], dimensions: Sequence[Callable[[Row], str]], sets: Iterable[str],
    measures: Callable[[list[Row]], dict[str, Any]],
) -> Lines:  # fmt: skip
    """`sets` say by a mark for each dimension whether a line keeps it: `11`, `1-`, `--`; the total is always there."""
    found: dict[Key, list[Row]] = {}
    patterns = list(sets)
    if "-" * len(dimensions) in patterns:
        found[(None,) * len(dimensions)] = []
    for row in rows:
        values = [d(row) for d in dimensions]
        for pattern in patterns:
            key = tuple(v if mark != "-" else None for v, mark in zip(values, pattern, strict=True))
            found.setdefault(key, []).append(row)
    return {key: measures(group) for key, group in found.items()}
