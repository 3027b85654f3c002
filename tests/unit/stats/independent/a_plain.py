"""What the independent computations share: groups with subtotals, exact shares, months. Plain Python, no SQL."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
Key = tuple[Any, ...]
Result = dict[Key, dict[str, Any]]
NONE = Decimal(0)


def grouped(facts: Iterable[Row], names: Sequence[str], *kept: Sequence[str]) -> dict[Key, list[Row]]:
    """The facts under each combination of `names`; a name that a set of `kept` leaves out is None in its keys."""
    groups: dict[Key, list[Row]] = defaultdict(list)
    for fact in facts:
        for names_kept in kept:
            groups[tuple(fact[n] if n in names_kept else None for n in names)].append(fact)
    return dict(groups)


def crossed(facts: Iterable[Row], first: str, second: str) -> dict[Key, list[Row]]:
    """Two dimensions with every subtotal and the total."""
    return grouped(facts, (first, second), (first, second), (first,), (second,), ())


def measured(groups: Mapping[Key, list[Row]], measure: Callable[[list[Row]], dict[str, Any]]) -> Result:
    return {key: measure(facts) for key, facts in groups.items()}


def total(facts: Iterable[Row], name: str) -> Decimal:
    return sum((fact[name] or NONE for fact in facts), NONE)


def sums(facts: Sequence[Row], names: str) -> dict[str, Any]:
    """The total of each of the names, which stand with spaces between."""
    return {name: total(facts, name) for name in names.split()}


def heads(facts: Iterable[Row], name: str = "psn_no") -> int:
    return len({fact[name] for fact in facts if fact[name] is not None})


def share(part: Decimal | int, whole: Decimal | int, places: int = 6) -> Decimal | None:
    """Exact, half away from nought."""
    if not whole:
        return None
    exact = Decimal(part) / Decimal(whole)
    return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def by(rows: Iterable[Row], name: str) -> dict[Any, Row]:
    return {row[name]: row for row in rows}


def within(moment: datetime | date | None, since: date, until: date) -> bool:
    """Half-open."""
    return moment is not None and since <= day_of(moment) < until


def day_of(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def months(since: date, until: date) -> tuple[str, str]:
    """The first and the last month of a period."""
    return f"{since:%Y-%m}", f"{until - timedelta(days=1):%Y-%m}"


def valid_settlements(rows: Rows, since: date, until: date, region: str, clock: str = "setl_time") -> list[Row]:
    """VALI_FLAG = 1, REFD_SETL_FLAG = 0, by the time of settlement, of people insured in the region."""
    return [
        s for s in rows["setl_d"]
        if s["vali_flag"] == "1" and s["refd_setl_flag"] == "0" and within(s[clock], since, until)
        and s["insu_admdvs"].startswith(region)
    ]  # fmt: skip


def arrived(payment: Row) -> bool:
    """CLCT_FLAG = 1, REVS_FLAG = Z."""
    return bool(payment["clct_flag"] == "1" and payment["revs_flag"] == "Z")


INSTITUTIONS = {"50", "55", "56", "57", "70", *(f"900{n}" for n in range(1, 6)), "91", "82", "90", "9009"}
OTHERS = {"80", "81", "9006", "9007", "9901", "9939"}


def employer_kind(emp_type: str | None) -> str:
    """企业 1, 事业 2, 机关 3, 其他 9."""
    if emp_type in INSTITUTIONS:
        return "2"
    return "3" if emp_type == "30" else "9" if emp_type in OTHERS else "1"


def identities_on(rows: Rows, day: date) -> dict[str, set[str]]:
    """The special identities that a person has on the day."""
    found: dict[str, set[str]] = defaultdict(set)
    for i in rows["psn_idet_d"]:
        if i["vali_flag"] == "1" and i["begndate"] <= day and (i["enddate"] is None or day <= i["enddate"]):
            found[i["psn_no"]].add(i["psn_idet_type"])
    return found
