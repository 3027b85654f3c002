"""A month of settlements as a hospital would export them, with rows that cannot be counted: the report's input."""

import csv
import io
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

COLUMNS = (
    "setl_id", "mdtrt_id", "psn_no", "insutype", "clr_type", "setl_optins", "setl_time",
    "medfee_sumamt", "fund_pay_sumamt", "acct_pay", "cash_payamt", "refd_setl_flag",
)  # fmt: skip
Row = dict[str, str]

# What real exports contain: a cut line, a date that does not exist, a code of nobody's dictionary, words for numbers.
_SPOILT: tuple[Callable[[Row], Row], ...] = (
    lambda row: row | {"setl_id": ""},
    lambda row: row | {"setl_time": "2026-02-30 10:00:00"},
    lambda row: row | {"insutype": "999"},
    lambda row: row | {"medfee_sumamt": "壹佰元整"},
    lambda row: row | {"refd_setl_flag": "2"},
    lambda row: row | {"setl_optins": ""},
)
_INSURANCE, _WEIGHTS = ("310", "390", "340"), (60, 38, 2)
_FEES = {"11": (20, 600), "14": (80, 900), "21": (2_000, 40_000), "41": (10, 300)}
_AGENCIES = ("620102", "620103", "620104", "620105")


class Sheet(NamedTuple):
    """`rows` data rows, of which `bad` cannot be counted."""

    data: bytes
    rows: int
    bad: int


def sheet(seed: int, month: datetime, rows: int = 2_000, bad: int = 12) -> Sheet:
    """The same seed and month give the same bytes. Every 50th settlement is refunded: one more row, negative."""
    chance = random.Random(seed)
    written: list[Row] = []
    n = 0
    while len(written) < rows:
        n += 1
        row = _settlement(chance, n, month)
        written.append(row)
        if n % 50 == 0 and len(written) < rows:
            written.append(_refund(row))
    for i, at in enumerate(sorted(chance.sample(range(rows), bad))):
        written[at] = _SPOILT[i % len(_SPOILT)](written[at])
    return Sheet(_csv(written), rows, bad)


def _settlement(chance: random.Random, n: int, month: datetime) -> Row:
    clr_type = chance.choices(tuple(_FEES), (55, 15, 12, 18))[0]
    fee = chance.randint(_FEES[clr_type][0] * 100, _FEES[clr_type][1] * 100)
    fund = fee * chance.randint(0 if clr_type == "41" else 40, 85) // 100
    account = (fee - fund) * chance.randint(0, 100) // 100
    day = month.replace(day=1, hour=8, minute=0, second=0, microsecond=0)
    at = day + timedelta(days=chance.randrange(28), seconds=chance.randrange(36_000))
    return {
        "setl_id": f"620100{at:%Y%m%d}{n:07d}",
        "mdtrt_id": f"620100{at:%Y%m%d}9{n:06d}",
        "psn_no": f"6201{chance.randrange(10**9):09d}{chance.randrange(10**9):09d}0000",
        "insutype": chance.choices(_INSURANCE, _WEIGHTS)[0],
        "clr_type": clr_type,
        "setl_optins": chance.choice(_AGENCIES),
        "setl_time": f"{at:%Y-%m-%d %H:%M:%S}",
        "medfee_sumamt": _yuan(fee),
        "fund_pay_sumamt": _yuan(fund),
        "acct_pay": _yuan(account),
        "cash_payamt": _yuan(fee - fund - account),
        "refd_setl_flag": "0",
    }


def _refund(row: Row) -> Row:
    """The second row of a refund: the same settlement, amounts negative."""
    amounts = {column: f"-{row[column]}" for column in COLUMNS[7:11]}
    return row | amounts | {"refd_setl_flag": "1"}


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _csv(rows: list[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")
