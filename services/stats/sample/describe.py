"""docs/stats-tables.md from the declared tables: `python -m services.stats.sample.describe > docs/stats-tables.md`."""

import sys

from services.stats.sources.table import Column, Table, dictionaries, tables

KEPT = {"": "", "pseudonym": "token", "mask": "masked", "drop": "not kept"}
HEAD = """# Source tables

Written from `services/stats/sources/tables/*.yaml` by `python -m services.stats.sample.describe`; change those files,
not this one. Names are those of the national data model in lower case. A header in an uploaded file may give the code
or the Chinese name. Types on DuckDB: `SQL_TYPES` in `services/stats/sources/table.py`. What is marked 推断 in a note is
inferred from menus and interfaces: ask the bureau before relying on it.

`!` after the code: must be filled. Under "kept", what becomes of personal data: `token` is a keyed hash (heads can be
counted and tables joined), `masked` keeps the ends, `not kept` is never stored. A dictionary marked `+` is open: a
value that it does not have is accepted and counted.
"""


def markdown() -> str:
    """The whole page: a list of the tables, a section for each, and the dictionaries."""
    found = tables().values()
    listed = "\n".join(f"| [{t.name}](#{t.name}) | {t.title} | {t.grain} | {len(t.columns)} |" for t in found)
    parts = [HEAD, "| table | name | a row is | columns |\n|---|---|---|---|\n" + listed + "\n"]
    return "\n".join([*parts, *map(_section, found), _dictionaries()])


def _section(table: Table) -> str:
    facts = [f"{table.title}: {table.grain}." + (f" Source: {table.source}." if table.source else "")]
    roles = {
        "key": ", ".join(table.key),
        "dated by": table.dated,
        "institution": table.institution,
        "district": table.district,
    }
    facts.append("; ".join(f"{role}: `{name}`" for role, name in roles.items() if name))
    if table.refund:
        facts.append(f"Negative `{table.refund.amount}` only where `{table.refund.flag}` is 1.")
    facts += [f"- {note}" for note in table.notes]
    rows = "\n".join(_row(column) for column in table.columns)
    body = "\n".join(fact for fact in facts if fact)
    return f"## {table.name}\n\n{body}\n\n| code | name | type | dictionary | kept |\n|---|---|---|---|---|\n{rows}\n"


def _row(column: Column) -> str:
    code = f"`{column.code}`" + (" !" if column.required else "")
    dictionary = column.dictionary + (" +" if column.dictionary and column.open else "")
    return f"| {code} | {column.name} | {column.type} | {dictionary} | {KEPT[column.personal]} |"


def _dictionaries() -> str:
    rows = "\n".join(
        f"| {name} | {len(codes)} | {_some(list(codes.items()))} |" for name, codes in dictionaries().items()
    )
    return f"## Dictionaries\n\n| name | codes | the first |\n|---|---|---|\n{rows}\n"


def _some(codes: list[tuple[str, str]]) -> str:
    return ", ".join(f"{code} {name}" for code, name in codes[:4])


if __name__ == "__main__":
    sys.stdout.write(markdown())
