"""The totals of both sides by group (对总账, 3201): insutype, clr_type and setl_optins; a group agrees or does not.

Only a worker process imports this module.
"""

from decimal import Decimal

import duckdb
import msgspec

from services.stats.reconcile.sql import AMOUNTS, GROUP


class Sums(msgspec.Struct, frozen=True):
    """Amounts in yuan; `count` is of rows, a refund that is counted is a row of its own."""

    medfee_sumamt: Decimal
    fund_pay_sumamt: Decimal
    acct_pay: Decimal
    count: int


class Total(msgspec.Struct, frozen=True):
    """`result` is the platform's stmt_rslt: 0 平, 1 不平; there is no tolerance."""

    insutype: str
    clr_type: str
    setl_optins: str
    hospital: Sums
    centre: Sums
    result: str


def totals(con: duckdb.DuckDBPyConnection, refunds: bool, split: tuple[str, ...] = GROUP) -> tuple[Total, ...]:
    """Of the views `all_h` and `all_c`, by the columns `split`; the others are "" in every total.

    Leaves the table `unbalanced` of the groups that disagree.
    """
    sides = (_side("h", "all_h", refunds, split), _side("c", "all_c", refunds, split))
    con.execute(f"CREATE TEMP TABLE sums AS {' UNION ALL '.join(sides)}")
    cells = ", ".join(
        f"coalesce(sum({a}) FILTER (side = '{s}'), 0) AS {s}_{a}" for s in ("h", "c") for a in (*AMOUNTS, "n")
    )
    names = ", ".join(GROUP)
    rows = con.execute(f"SELECT {names}, {cells} FROM sums GROUP BY {names} ORDER BY {names}").fetchall()
    found = tuple(_total(row) for row in rows)
    con.execute("CREATE TEMP TABLE unbalanced (insutype VARCHAR, clr_type VARCHAR, setl_optins VARCHAR)")
    if bad := [(t.insutype, t.clr_type, t.setl_optins) for t in found if t.result == "1"]:
        con.executemany("INSERT INTO unbalanced VALUES (?, ?, ?)", bad)
    return found


def _side(side: str, view: str, refunds: bool, split: tuple[str, ...]) -> str:
    sums = ", ".join(f"sum({a}) AS {a}" for a in AMOUNTS)
    names = ", ".join(f"coalesce({g}, '') AS {g}" if g in split else f"'' AS {g}" for g in GROUP)
    kept = "inside" if refunds else "inside AND NOT neg AND NOT flag"
    return f"SELECT '{side}' AS side, {names}, {sums}, count(*) AS n FROM {view} WHERE {kept} GROUP BY ALL"


def _total(row: tuple[object, ...]) -> Total:
    sides = [msgspec.convert(row[i : i + 4], _Sums) for i in (3, 7)]
    hospital, centre = (Sums(Decimal(a), Decimal(b), Decimal(c), int(n)) for a, b, c, n in sides)
    insutype, clr_type, setl_optins = map(str, row[:3])
    return Total(insutype, clr_type, setl_optins, hospital, centre, "0" if hospital == centre else "1")


_Sums = tuple[Decimal, Decimal, Decimal, Decimal | int]
