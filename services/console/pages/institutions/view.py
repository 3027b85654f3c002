"""What the pages of institutions show. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.console.pages.cases.words import CHANNELS

Json = dict[str, Any]
PAGE: Final = 500
_LINES: Final = 2_000
_CODE: Final = "定点机构编号"
_SKIPPED: Final = ("定点机构编号", "定点机构名称")


def contact(found: Json) -> Json:
    """A person and the accounts by which the desk knows them, masked."""
    accounts = [{**one, "channel_name": CHANNELS.get(one["channel"], one["channel"])} for one in found["identities"]]
    return {**found, "accounts": accounts}


def contract(found: Json, today: date, names: Mapping[str, str]) -> Json:
    """In force from `begins` to `ends`, both included."""
    begins, ends = date.fromisoformat(found["begins"]), date.fromisoformat(found["ends"])
    return {
        **found,
        "standing": "未开始" if today < begins else "已到期" if today > ends else "生效中",
        "is_in_force": begins <= today <= ends,
        "days_left": (ends - today).days,
        "institution_names": [names.get(code, code) for code in found["institution_codes"]],
    }


def attainment(found: Json) -> list[Json]:
    """One line for each clock, and their total."""
    lines = [*found["groups"].get("clock", []), {**found["total"], "name": "合计"}]
    return [line for line in lines if line["cycles"]]


def clauses(reports: Sequence[Json]) -> list[Json]:
    """The clauses of several contracts, and whether each was reached."""
    colours = {"达标": "green", "未达标": "red"}
    return [
        {**clause, "colour": colours.get(clause["verdict"], "secondary"), "rate": clause["line"]["rate"]}
        for report in reports
        for clause in report["clauses"]
    ]


def offsets(count: int) -> range:
    """Where the pages of a counted table begin that come after the first."""
    return range(PAGE, min(count, _LINES), PAGE)


def indicators(table: Json, code: str) -> tuple[list[str], list[list[str]]]:
    """The lines of one institution out of a counted report, with the names of their columns."""
    names = [head["name"] for head in table["heads"]]
    if _CODE not in names:
        return [], []
    where = names.index(_CODE)
    kept = [n for n, name in enumerate(names) if name not in _SKIPPED]
    lines = [row["cells"] for row in table["rows"] if len(row["cells"]) > where and row["cells"][where] == code]
    return [names[n] for n in kept], [[cells[n] for n in kept] for cells in lines]
