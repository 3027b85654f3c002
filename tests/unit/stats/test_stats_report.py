"""The sheet against a plain computation in Python: same groups, same sums, and the same bytes every time."""

import random
import re
import zipfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from services.stats import work
from services.stats.definition import load
from services.stats.encoding import Problem
from services.stats.job import Job
from services.stats.model import Result

COLUMNS = (
    "setl_id,insutype,clr_type,setl_optins,setl_time,medfee_sumamt,fund_pay_sumamt,acct_pay,cash_payamt,refd_setl_flag"
)
Row = tuple[str, ...]
Sums = dict[tuple[str, ...], list[Decimal]]


def settlements(seed: int, n: int) -> list[Row]:
    chance = random.Random(seed)
    rows: list[Row] = []
    for i in range(n):
        medfee = Decimal(chance.randint(0, 9_999_999)) / 100
        fund, acct = (medfee * share // 1 for share in (Decimal("0.6"), Decimal("0.1")))
        sign = -1 if medfee and chance.random() < 0.05 else 1
        amounts = [str(sign * a) for a in (medfee, fund, acct, medfee - fund - acct)]
        group = [chance.choice(c) for c in (["310", "390", "340"], ["11", "21", "99"], ["620101", "620102"])]
        rows.append(
            (f"S{i}", *group, f"2025-01-{chance.randint(1, 28):02} 08:00:00", *amounts, "1" if sign < 0 else "0")
        )
    return rows


def counted(rows: list[Row]) -> Sums:
    """Groups by their codes, and the total under ()."""
    sums: Sums = defaultdict(lambda: [Decimal(0)] * 6)
    for row in rows:
        refund = Decimal(row[5]) < 0
        line = [Decimal(not refund), Decimal(refund), *map(Decimal, row[5:9])]
        for key in (row[1:4], ()):
            sums[key] = [a + b for a, b in zip(sums[key], line, strict=True)]
    return dict(sums)


def run(folder: Path, text: str, **changes: object) -> Result:
    source = folder / "in.csv"
    source.write_bytes(text.encode("gb18030"))
    facts = {
        "report": "settlement_summary", "definition_hash": load("settlement_summary").hash, "upload_id": "f" * 64,
        "source": str(source), "out": str(folder / "out"), "memory_mb": 1024,
    }  # fmt: skip
    return work.carry_out(Job(**{**facts, **changes}), lambda stage, done: None)  # type: ignore[arg-type]


def table(rows: list[Row]) -> str:
    return "\n".join([COLUMNS, *(",".join(r) for r in rows)])


def on_sheet(path: Path) -> Sums:
    """The sheet's lines as Excel would read them."""
    with zipfile.ZipFile(path) as book:
        strings = re.findall(r"<si><t[^>]*>(.*?)</t></si>", book.read("xl/sharedStrings.xml").decode())
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    lines: Sums = {}
    for row in re.findall(r'<row r="(?:[6-9]|\d\d+)".*?</row>', sheet):
        cells = [strings[int(v)] if t else Decimal(v) for t, v in re.findall(r'<c [^>]*?( t="s")?><v>(.*?)</v>', row)]
        if len(cells) == 9:
            key = tuple(str(c).split(" ")[0] for c in cells[:3])
            lines[() if key[0] == "合计" else key] = [Decimal(c) for c in cells[3:]]
    return lines


@pytest.mark.parametrize("seed", range(3))
def test_the_sheet_says_what_plain_python_counts(tmp_path: Path, seed: int) -> None:
    rows = settlements(seed, 500)
    result = run(tmp_path, table(rows))
    expected = counted(rows)
    assert on_sheet(tmp_path / "out" / "output.xlsx") == expected
    assert (result.rows_in, result.rows_accepted, result.rows_rejected) == (500, 500, 0)
    assert result.rows_out == len(expected) - 1


def test_a_refund_takes_back_the_amounts_and_is_counted_apart(tmp_path: Path) -> None:
    paid = ("S1", "310", "11", "620101", "2025-01-02", "100.00", "60.00", "10.00", "30.00", "1")
    back = ("S2", "310", "11", "620101", "2025-01-03", "-100.00", "-60.00", "-10.00", "-30.00", "1")
    run(tmp_path, table([paid, back]))
    assert on_sheet(tmp_path / "out" / "output.xlsx")[()] == [1, 1, 0, 0, 0, 0]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    text = table(settlements(7, 100))
    first = run(tmp_path, text)
    assert run(tmp_path, text) == first
    assert run(tmp_path, text + "\nS,310") != first


def test_rows_that_are_all_rejected_still_give_a_sheet(tmp_path: Path) -> None:
    result = run(tmp_path, COLUMNS + "\nS,310")
    assert (result.rows_in, result.rows_accepted, result.rows_out) == (1, 0, 0)
    assert on_sheet(tmp_path / "out" / "output.xlsx") == {(): [0] * 6}


def test_nothing_is_left_beside_the_results(tmp_path: Path) -> None:
    run(tmp_path, table(settlements(1, 10)))
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"output.xlsx", "rejects.csv"}


def test_a_changed_definition_does_not_count_for_an_old_request(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="重新提交"):
        run(tmp_path, table(settlements(1, 1)), definition_hash="old")
