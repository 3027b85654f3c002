"""What a run hands over to the service: the comparison in brief, as a file beside its differences.

`keep` runs in the worker process and needs DuckDB there; `command_of` runs in the service.
"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from contracts.envelope import Actor, derive_id
from contracts.reconciliation import MOST, CompareReconciliation
from services.stats.reconcile.model import Item, Tally

if TYPE_CHECKING:
    from services.stats.reconcile.comparing import Compared
    from services.stats.reconcile.totals import Total

BRIEF: Final = "reconciliation.json"
_ITEM: Final = ("id", "of", "variant", "setl_id", "mdtrt_id", "msgid", "medfee", "fund", "acct")
_KEYS: Final = ", ".join(f"coalesce(c_{k}, h_{k}, '')" for k in ("setl_id", "mdtrt_id", "msgid"))
_SUMS: Final = ", ".join(f"(delta_{a} * 100)::BIGINT" for a in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay"))


class Group(msgspec.Struct, frozen=True):
    """The totals of both sides of a group, see `totals.Total`; each side: medfee, fund, acct in fen, and the count."""

    insutype: str
    clr_type: str
    setl_optins: str
    hospital: tuple[int, int, int, int]
    centre: tuple[int, int, int, int]


class Brief(msgspec.Struct, frozen=True, omit_defaults=True):
    """See `contracts.reconciliation.CompareReconciliation`; amounts in fen."""

    balanced: bool
    count: int
    sha256: str
    tallies: tuple[Tally, ...]
    differences: tuple[Item, ...]
    totals: tuple[Group, ...] = ()


def keep(compared: "Compared", out: Path) -> Path:
    """Writes `out`/reconciliation.json; of the differences the first 5,000, without anything personal."""
    from services.stats.reconcile.ledgers import connect

    with connect(out) as con:
        con.execute("SET preserve_insertion_order = true")
        rows = con.execute(
            f"SELECT id, class, variant, {_KEYS}, {_SUMS} FROM read_parquet(?, file_row_number = true) "
            f"ORDER BY file_row_number LIMIT {MOST}",
            [str(compared.differences)],
        ).fetchall()
    tallies = tuple(
        Tally(t.of, t.count, _fen(t.medfee_sumamt), _fen(t.fund_pay_sumamt), _fen(t.acct_pay)) for t in compared.tallies
    )
    items = tuple(msgspec.convert(dict(zip(_ITEM, row, strict=True)), Item) for row in rows)
    groups = tuple(map(_group, compared.totals))
    brief = Brief(compared.balanced, compared.count, compared.sha256, tallies, items, groups)
    path = out / BRIEF
    path.write_bytes(msgspec.json.encode(brief))
    return path


def command_of(
    path: Path, run_id: UUID, institution: str, period: str, actor: Actor, now: datetime
) -> CompareReconciliation:
    """What the service says when a run has ended: said again for the same run, it is the same command."""
    brief = msgspec.json.decode(path.read_bytes(), type=Brief)
    return CompareReconciliation.model_validate({
        "id": derive_id(run_id, "compare"), "occurred_at": now, "actor": actor, "fixmedins_code": institution,
        "period": period, "run_id": run_id, "balanced": brief.balanced, "count": brief.count,
        "tallies": msgspec.to_builtins(brief.tallies), "differences": msgspec.to_builtins(brief.differences),
        "differences_sha256": brief.sha256,
    })  # fmt: skip


def _group(total: "Total") -> Group:
    sides = (
        (_fen(s.medfee_sumamt), _fen(s.fund_pay_sumamt), _fen(s.acct_pay), s.count)
        for s in (total.hospital, total.centre)
    )
    return Group(total.insutype, total.clr_type, total.setl_optins, *sides)


def _fen(amount: Decimal) -> int:
    return int(amount * 100)
