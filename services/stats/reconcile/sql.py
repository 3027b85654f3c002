"""The columns of a ledger, and how values stand in SQL."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

GROUP: Final = ("insutype", "clr_type", "setl_optins")
AMOUNTS: Final = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")
KEYS: Final = ("setl_id", "mdtrt_id", "psn_no", "msgid")
COLUMNS: Final = (*KEYS, *GROUP, "setl_time", *AMOUNTS, "flag", "inside", "neg")
"""Of a ledger as it is compared: `flag` says refunded, `inside` that it is of the period, `neg` that it is a refund."""
ORDER: Final = ", ".join(f"{c} NULLS LAST" for c in ("setl_time", *KEYS, *AMOUNTS, *GROUP, "flag"))
"""Of all columns, so that the order of the rows decides nothing."""


def source(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(map(literal, paths))}], union_by_name = true, filename = true)"


def literal(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
