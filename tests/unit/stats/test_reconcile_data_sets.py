"""Ledgers of several data sets, of other institutions, of no rows; and differences that are two things at once."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.problem import Problem
from services.stats.reconcile.comparing import Compared, compare
from services.stats.reconcile.ledgers import Asked
from services.stats.reconcile.platform import beside

A, B = "H62010000001", "H62010000002"
Row = tuple[object, ...]
_COLUMNS = (
    "setl_id VARCHAR, mdtrt_id VARCHAR, psn_no VARCHAR, msgid VARCHAR, insutype VARCHAR, clr_type VARCHAR, "
    "setl_optins VARCHAR, setl_time TIMESTAMP, fixmedins_code VARCHAR, medfee_sumamt DECIMAL(18,2), "
    "fund_pay_sumamt DECIMAL(18,2), acct_pay DECIMAL(18,2), refd_setl_flag VARCHAR, stmt_begndate DATE, "
    "stmt_enddate DATE"
)


def row(
    n: int, fee: int = 100, *, of: str | None = A, day: str | None = "2026-10-05 09:00:00", flag: bool = False,
    group: str = "310", setl_id: str | None = "", statement: str = "",
) -> Row:  # fmt: skip
    begin, end = (f"{statement}-01", f"{statement}-28") if statement else (None, None)
    id_ = f"S{n}" if setl_id == "" else setl_id
    return (id_, f"M{n}", f"P{n}", f"G{n}", group, "11", "620102", day, of, fee, fee // 2, 0, "1" if flag else "0",
            begin, end)  # fmt: skip


def ledger(path: Path, rows: Sequence[Row]) -> Path:
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(f"CREATE TABLE t ({_COLUMNS})")
        if rows:
            con.executemany(f"INSERT INTO t VALUES ({', '.join('?' * 15)})", rows)
        con.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path


def found(folder: Path, hospital: Sequence[Sequence[Row]], centre: Sequence[Sequence[Row]], **more: object) -> Compared:
    folder.mkdir(parents=True, exist_ok=True)
    sides = [
        tuple(ledger(folder / f"{name}{n}.parquet", rows) for n, rows in enumerate(side))
        for name, side in (("h", hospital), ("c", centre))
    ]
    facts = {"since": date(2026, 10, 1), "until": date(2026, 11, 1), "institution": A, "threads": 1, **more}
    return compare(Asked(hospital=sides[0], centre=sides[1], **facts), folder / "out")  # type: ignore[arg-type]


def variants(compared: Compared) -> list[tuple[str, str]]:
    with duckdb.connect() as con:
        return con.execute(f"SELECT variant, also FROM '{compared.differences}'").fetchall()


LEDGER = [row(n, 100 + n) for n in range(1, 6)]


def test_a_data_set_that_was_read_in_twice_is_counted_once_and_that_is_said(tmp_path: Path) -> None:
    once = found(tmp_path / "a", [LEDGER], [LEDGER[1:]])
    twice = found(tmp_path / "b", [LEDGER, LEDGER[::-1]], [LEDGER[1:]])
    assert (twice.sha256, twice.totals, once.notes) == (once.sha256, once.totals, ())
    assert "医院账有 5 笔在几个数据集中重复, 已按最后读入的计一次" in twice.notes[0]


def test_of_two_data_sets_that_disagree_the_later_one_counts(tmp_path: Path) -> None:
    old, new = LEDGER, [row(1, 999), *LEDGER[1:]]
    assert variants(found(tmp_path / "a", [old, new], [LEDGER])) == [("amount", "")]
    right = found(tmp_path / "b", [new, old], [LEDGER])
    assert right.count == 0 and "其中 1 笔内容不同" in right.notes[0]


def test_a_repetition_within_one_data_set_is_a_difference(tmp_path: Path) -> None:
    compared = found(tmp_path, [[*LEDGER, LEDGER[0]], LEDGER[3:]], [LEDGER])
    assert variants(compared) == [("hospital_twice", "")]


def test_rows_without_an_id_overlap_only_where_everything_is_the_same(tmp_path: Path) -> None:
    anonymous = [row(9, setl_id=None), row(8, setl_id=None)]
    compared = found(tmp_path, [[row(9), row(8)]], [anonymous, anonymous[:1]])
    assert compared.count == 0 and "中心账有 1 笔" in compared.notes[0]


PARTS = st.lists(st.sets(st.integers(1, 8)), min_size=1, max_size=3)


@settings(max_examples=15, deadline=None)
@given(PARTS, st.sets(st.integers(1, 8), min_size=1))
def test_however_a_ledger_is_cut_into_overlapping_files_the_same_comes_out(
    parts: list[set[int]], theirs: set[int]
) -> None:
    whole = sorted(set().union(*parts))
    centre = [[row(n, 50 + n) for n in sorted(theirs)]]
    with TemporaryDirectory() as folder:
        cut = found(Path(folder) / "a", [[row(n) for n in sorted(p)] for p in parts], centre, may_be_empty=True)
        one = found(Path(folder) / "b", [[row(n) for n in whole]], centre, may_be_empty=True)
    assert (cut.sha256, cut.totals) == (one.sha256, one.totals)


def test_other_institutions_in_the_same_file_do_not_count(tmp_path: Path) -> None:
    others = [row(n, of=B) for n in range(20, 25)]
    compared = found(tmp_path, [[*LEDGER, *others]], [LEDGER])
    assert compared.count == 0 and sum(t.hospital.count for t in compared.totals) == len(LEDGER)


def test_rows_without_an_institution_are_not_counted_and_said(tmp_path: Path) -> None:
    nameless = [row(n, of=None) for n in range(1, 6)]
    with pytest.raises(Problem, match=r"医院账没有 H62010000001 .*5 笔没有定点医药机构编号"):
        found(tmp_path / "a", [nameless], [LEDGER])
    some = found(tmp_path / "b", [[*LEDGER, nameless[0]]], [LEDGER])
    assert some.count == 0 and "医院账有 1 笔没有定点医药机构编号" in some.notes[0]


def test_a_side_without_a_row_is_refused_unless_it_is_said_to_be_right(tmp_path: Path) -> None:
    later = [row(1, day="2026-11-01 00:00:00")]
    with pytest.raises(Problem, match=r"医院账没有 .*may_be_empty"):
        found(tmp_path / "a", [later], [LEDGER])
    compared = found(tmp_path / "b", [[]], [LEDGER], may_be_empty=True)
    assert {v for v, _ in variants(compared)} == {"centre_only"} and compared.count == 5


def test_an_amount_that_differs_in_the_wrong_group_is_one_difference_with_both_reasons(tmp_path: Path) -> None:
    compared = found(tmp_path, [[row(1, 100)]], [[row(1, 120, group="390")]])
    assert variants(compared) == [("amount", "group")] and not any(compared.unexplained)


def test_a_refund_that_falls_into_the_next_period_on_one_side_is_late(tmp_path: Path) -> None:
    def both(day: str) -> list[Row]:
        return [row(1), row(1, -100, flag=True, day=day)]

    compared = found(tmp_path, [both("2026-10-31 23:59:59")], [both("2026-11-01 00:00:00")])
    assert variants(compared) == [("late_at_centre", "")] and not any(compared.unexplained)


def test_a_refund_of_the_next_period_on_both_sides_is_no_difference_of_this_one(tmp_path: Path) -> None:
    later = row(1, -100, flag=True, day="2026-11-03 08:00:00")
    marked = row(1, flag=True)
    assert found(tmp_path / "a", [[row(1), later]], [[marked, later]]).count == 0
    # Only of this period: nothing shows that it was refunded but the flag.
    assert variants(found(tmp_path / "b", [[row(1)]], [[marked]])) == [("refund_flag", "")]


@pytest.mark.parametrize(("month", "count"), [("2026-10", 0), ("2026-09", None)])
def test_details_without_a_time_belong_to_the_days_that_they_were_sent_for(
    month: str, count: int | None, tmp_path: Path
) -> None:
    details = [row(n, day=None, statement=month) for n in range(1, 4)]
    centre = [row(n) for n in range(1, 4)]
    if count is None:
        with pytest.raises(Problem, match="医院账没有"):
            found(tmp_path, [details], [centre])
    else:
        assert found(tmp_path, [details], [centre]).count == count


def test_details_without_time_and_message_are_found_by_person_and_amounts(tmp_path: Path) -> None:
    plain = [(*r[:3], None, None, *r[5:]) for r in (row(n, day=None, statement="2026-10") for n in (1, 2))]
    compared = found(tmp_path, [plain], [[row(1, setl_id=None), row(2)]])
    assert compared.count == 0 and "总账不按这些列分组" in compared.notes[0]
    assert [t.insutype for t in compared.totals] == [""]


def test_what_the_platform_found_is_looked_for_among_the_differences(tmp_path: Path) -> None:
    compared = found(tmp_path, [LEDGER], [LEDGER[1:]])
    with duckdb.connect() as con:
        con.execute(f"""COPY (SELECT * FROM (VALUES ('S1', NULL, '2'), (NULL, 'G1', '2'), ('S4', 'G4', '3'),
            ('S5', 'G5', '0')) t(setl_id, msgid, stmt_rslt),
            (SELECT '{A}' AS fixmedins_code, DATE '2026-10-01' AS stmt_begndate,
            DATE '2026-10-31' AS stmt_enddate)) TO '{tmp_path}/result.parquet' (FORMAT parquet)""")
    asked = Asked(hospital=(), centre=(), since=date(2026, 10, 1), until=date(2026, 11, 1), institution=A)
    told = beside(compared.differences, [tmp_path / "result.parquet"], asked, tmp_path)
    assert (told.rows, told.found) == (3, 2) and "1 笔没有" in told.note
