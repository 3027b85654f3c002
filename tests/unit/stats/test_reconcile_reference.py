"""Small ledgers of every shape: what the SQL finds is what a plain reading of the rules finds."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.reconcile.judging import judge
from services.stats.reconcile.matching import match
from services.stats.reconcile.narrowing import everything, narrow

INSIDE, LATER, OUTSIDE = datetime(2026, 10, 1), datetime(2026, 10, 31, 23), datetime(2026, 11, 1)  # noqa: DTZ001
UNTIL = OUTSIDE


class Row(NamedTuple):
    setl_id: str | None
    mdtrt_id: str | None
    psn_no: str | None
    msgid: str | None
    insutype: str | None
    setl_time: datetime
    fee: int
    fund: int
    flag: bool

    @property
    def neg(self) -> bool:
        return self.fee < 0

    @property
    def inside(self) -> bool:
        return self.setl_time < UNTIL

    @property
    def amounts(self) -> tuple[int, int]:
        return self.fee, self.fund

    @property
    def back(self) -> tuple[int, int]:
        return -self.fee, -self.fund

    @property
    def order(self) -> tuple[object, ...]:
        keys = [(k is None, k or "") for k in (self.setl_id, self.mdtrt_id, self.psn_no, self.msgid)]
        return (self.setl_time, *keys, self.fee, self.fund, (self.insutype is None, self.insutype or ""), self.flag)


Key = Callable[[Row], tuple[object, ...] | None]
Found = Counter[tuple[str, Row | None, Row | None, tuple[str, ...]]]


def whole(r: Row) -> tuple[object, ...] | None:
    return (r.setl_id, r.neg, r.amounts, r.flag, r.insutype or "", r.inside) if r.setl_id else None


def person(r: Row) -> tuple[object, ...] | None:
    return (r.psn_no, r.setl_time, r.neg, r.amounts) if r.psn_no else None


def any_row(_: Row) -> bool:
    return True


def no_id(r: Row) -> bool:
    return r.setl_id is None


def no_message(r: Row) -> bool:
    return r.msgid is None


PASSES: list[tuple[Key, Callable[[Row], bool], Callable[[Row], bool]]] = [
    (whole, any_row, any_row),
    (lambda r: (r.setl_id, r.neg, r.amounts) if r.setl_id else None, any_row, any_row),
    (lambda r: (r.setl_id, r.neg) if r.setl_id else None, any_row, any_row),
    (lambda r: (r.msgid, r.neg, r.amounts) if r.msgid else None, any_row, no_id),
    (lambda r: (r.msgid, r.neg, r.amounts) if r.msgid else None, no_id, any_row),
    (lambda r: (r.msgid, r.neg) if r.msgid else None, any_row, no_id),
    (lambda r: (r.msgid, r.neg) if r.msgid else None, no_id, any_row),
    (person, any_row, lambda r: no_id(r) and no_message(r)),
    (person, no_message, no_id),
    (person, lambda r: no_id(r) and no_message(r), any_row),
    (person, no_id, no_message),
    (lambda r: (r.mdtrt_id, r.amounts) if r.mdtrt_id and r.neg else None, any_row, any_row),
]


def same(a: Row, b: Row) -> bool:
    """By any of what identifies a row."""
    if a.neg != b.neg:
        return False
    if a.setl_id and b.setl_id:
        return a.setl_id == b.setl_id
    if a.msgid and b.msgid:
        return a.msgid == b.msgid
    return person(a) is not None and person(a) == person(b)


def takes_back(n: Row, p: Row) -> bool:
    return bool(
        (n.setl_id and n.setl_id == p.setl_id) or (n.mdtrt_id and n.mdtrt_id == p.mdtrt_id and n.back == p.amounts)
    )


def reference(hospital: Sequence[Row], centre: Sequence[Row], failed: set[str]) -> Found:
    h, c = sorted(hospital, key=lambda r: r.order), sorted(centre, key=lambda r: r.order)
    pairs: dict[int, int] = {}
    for key, of_h, of_c in PASSES:
        free = [i for i, r in enumerate(c) if i not in pairs.values() and of_c(r)]
        for i, row in enumerate(h):
            if i in pairs or not of_h(row) or key(row) is None:
                continue
            partner = next((j for j in free if key(c[j]) == key(row)), None)
            if partner is not None:
                pairs[i] = partner
                free.remove(partner)
    dup_h = repeated(h, set(pairs), [h[i] for i in pairs] + [c[j] for j in pairs.values()])
    dup_c = repeated(c, set(pairs.values()), [h[i] for i in pairs] + [c[j] for j in pairs.values()])
    twice = double(c, set(pairs.values()), dup_c)
    found: Found = Counter()
    for i, j in pairs.items():
        reasons = wrong(h[i], c[j], h, c, j in twice, failed)
        if reasons and (h[i].inside or c[j].inside):
            found[reasons[0], h[i], c[j], tuple(reasons[1:])] += 1
    for i, row in enumerate(h):
        if i not in pairs and row.inside:
            refund = row.neg and any(takes_back(row, p) for p in c if not p.neg)
            found[
                "hospital_twice" if i in dup_h else "hospital_refunded" if refund else "hospital_only", row, None, ()
            ] += 1
    for j, row in enumerate(c):
        if j not in pairs.values() and row.inside:
            refund = row.neg and any(takes_back(row, p) for p in h if not p.neg)
            kind = "centre_refunded" if refund else "settled_twice" if j in twice else "centre_only"
            found["centre_twice" if j in dup_c else kind, None, row, ()] += 1
    return found


def repeated(rows: list[Row], paired: set[int], known: list[Row]) -> set[int]:
    dup: set[int] = set()
    rest = sorted((i for i in range(len(rows)) if i not in paired), key=lambda i: (not rows[i].inside, i))
    dup |= {i for i in rest if any(same(rows[i], k) for k in known)}
    first_of(rows, [i for i in rest if rows[i].setl_id], lambda r: (r.setl_id, r.neg), dup)
    named = [rows[i] for i in rest if rows[i].setl_id]
    dup |= {i for i in rest if not rows[i].setl_id and any(same(rows[i], k) for k in named)}
    first_of(rows, [i for i in rest if no_id(rows[i])], lambda r: (r.msgid, r.neg) if r.msgid else None, dup)
    first_of(rows, [i for i in rest if no_id(rows[i]) and no_message(rows[i]) and person(rows[i])], person, dup)
    return dup


def first_of(rows: list[Row], these: list[int], key: Key, dup: set[int]) -> None:
    seen: set[tuple[object, ...]] = set()
    for i in these:
        if i in dup or (k := key(rows[i])) is None:
            continue
        if k in seen:
            dup.add(i)
        seen.add(k)


def double(c: list[Row], paired: set[int], dup: set[int]) -> set[int]:
    """Of one visit and fee, every settlement but the first that nobody took back."""
    result: set[int] = set()
    own = [j for j, r in enumerate(c) if j not in dup and r.mdtrt_id and r.setl_id and not r.neg]
    for visit in {(c[j].mdtrt_id, c[j].fee) for j in own}:
        ids: dict[str, list[int]] = {}
        for j in own:
            if (c[j].mdtrt_id, c[j].fee) == visit:
                ids.setdefault(str(c[j].setl_id), []).append(j)
        back = sum(1 for j, r in enumerate(c) if j not in dup and r.neg and (r.mdtrt_id, -r.fee) == visit)
        direct = {s for s in ids if any(r.neg and r.setl_id == s for r in c)}
        by_time = sorted(ids, key=lambda s: (s not in direct, min(c[j].setl_time for j in ids[s]), s))
        live = sorted(
            by_time[back:],
            key=lambda s: (not any(j in paired for j in ids[s]), min(c[j].setl_time for j in ids[s]), s),
        )
        result |= {min(ids[s]) for s in live[1:]}
    return result


def wrong(a: Row, b: Row, h: list[Row], c: list[Row], twice: bool, failed: set[str]) -> list[str]:
    reasons = ["amount"] if a.amounts != b.amounts else []
    taken_back = any(
        n.neg and (takes_back(n, a) or takes_back(n, b._replace(fee=a.fee, fund=a.fund))) for n in (*h, *c)
    )
    if not a.neg and a.flag != b.flag and not taken_back:
        reasons.append("refund_flag")
    if a.inside != b.inside:
        reasons.append("late_at_centre" if a.inside else "late_at_hospital")
    if a.insutype and b.insutype and a.insutype != b.insutype:
        reasons.append("group")
    if twice:
        reasons.append("both_settled_twice")
    if {a.setl_id, b.setl_id} & failed:
        reasons.append("unsuccessful")
    return reasons


@contextmanager
def database(h: Sequence[Row], c: Sequence[Row], failed: set[str]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as con:
        for name, rows in (("all_h", h), ("all_c", c)):
            con.execute(f"""
                CREATE TABLE {name} (setl_id VARCHAR, mdtrt_id VARCHAR, psn_no VARCHAR, msgid VARCHAR,
                  insutype VARCHAR, clr_type VARCHAR, setl_optins VARCHAR, setl_time TIMESTAMP,
                  medfee_sumamt DECIMAL(18,2), fund_pay_sumamt DECIMAL(18,2), acct_pay DECIMAL(18,2),
                  flag BOOLEAN, inside BOOLEAN, neg BOOLEAN)""")
            for r in rows:
                facts = [*r[:5], "11", "620102", r.setl_time, r.fee, r.fund, 0, r.flag, r.inside, r.neg]
                con.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(facts))})", facts)
        con.execute("CREATE TABLE u (setl_id VARCHAR, mdtrt_id VARCHAR)")
        for setl_id in failed:
            con.execute("INSERT INTO u VALUES (?, NULL)", [setl_id])
        yield con


def by_sql(
    h: Sequence[Row], c: Sequence[Row], failed: set[str], reduce: Callable[[duckdb.DuckDBPyConnection], None]
) -> Found:
    shown = "{s}.setl_id, {s}.mdtrt_id, {s}.psn_no, {s}.msgid, {s}.insutype, {s}.setl_time, " \
        "{s}.medfee_sumamt, {s}.fund_pay_sumamt, {s}.flag"  # fmt: skip
    with database(h, c, failed) as con:
        reduce(con)
        match(con)
        judge(con)
        rows = con.execute(
            f"SELECT variant, also, {shown.format(s='h')}, {shown.format(s='c')} FROM found "
            "LEFT JOIN h ON h.rid = hr LEFT JOIN c ON c.rid = cr"
        ).fetchall()
    return Counter((r[0], _row(r[2:11]), _row(r[11:20]), tuple(r[1] or ())) for r in rows)


def _row(cells: Sequence[object]) -> Row | None:
    if cells[5] is None:
        return None
    fee, fund = (int(Decimal(str(x))) for x in cells[6:8])
    return Row(*cells[:6], fee, fund, cells[8])  # type: ignore[arg-type, call-arg]


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *values])


ROWS = st.lists(
    st.builds(
        Row, maybe("A", "B"), maybe("M", "N"), maybe("P"), maybe("G", "K"), maybe("310", "390"),
        st.sampled_from([INSIDE, LATER, OUTSIDE]), st.sampled_from([5, 7, -5]), st.sampled_from([1, 2]), st.booleans(),
    ).map(lambda r: r._replace(fund=-r.fund) if r.neg else r),
    max_size=6,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS, st.sets(st.sampled_from(["A", "B"])))
def test_the_sql_finds_what_a_plain_reading_of_the_rules_finds(h: list[Row], c: list[Row], failed: set[str]) -> None:
    assert by_sql(h, c, failed, everything) == reference(h, c, failed)


@settings(max_examples=25, deadline=None)
@given(ROWS, ROWS, st.sets(st.sampled_from(["A", "B"])))
def test_leaving_out_what_agrees_changes_nothing(h: list[Row], c: list[Row], failed: set[str]) -> None:
    assert by_sql(h, c, failed, narrow) == by_sql(h, c, failed, everything)


@settings(max_examples=12, deadline=None)
@given(ROWS)
def test_a_ledger_agrees_with_itself_unless_it_settled_twice(rows: list[Row]) -> None:
    rows = [r for r in rows if r.setl_id]  # of what has no id at all nobody can tell that it is the same
    assert {variant for variant, *_ in by_sql(rows, rows, set(), narrow)} <= {"both_settled_twice"}


@pytest.mark.parametrize("reduce", [narrow, everything])
def test_empty_ledgers_agree(reduce: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
    assert by_sql([], [], set(), reduce) == Counter()
