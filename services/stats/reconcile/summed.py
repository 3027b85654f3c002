"""HTTP of the totals of a reconciliation (对总账): both sides by insurance, kind of clearing and agency."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.datastructures import State

from chassis.access import WITH_HOSPITALS
from chassis.asking import AnyRequest
from services.stats.places import run_dir
from services.stats.reconcile.api import found_reconciliation
from services.stats.reconcile.handover import BRIEF, Brief, Group
from services.stats.reconcile.model import yuan
from services.stats.sources.table import dictionaries

Json = dict[str, Any]
_DICTIONARIES = {"insutype": "insutype", "clr_type": "clr_type", "setl_optins": "admdvs"}


@get(
    "/reconciliations/{id_:uuid}/totals", tags=["reconciliations"], roles=WITH_HOSPITALS,
    summary="总账: 按险种、清算类别、经办机构",
)  # fmt: skip
async def totals(state: State, request: AnyRequest, id_: UUID) -> list[Json]:
    """Of the latest comparison, amounts in yuan; empty once its files are cleared away."""
    found = await found_reconciliation(state, request, id_)
    assert found.state is not None
    path = run_dir(state.service.settings.data_dir, found.state.run_id) / BRIEF
    return [_shown(group) for group in await asyncio.to_thread(_groups, path)]


def _groups(path: Path) -> tuple[Group, ...]:
    return msgspec.json.decode(path.read_bytes(), type=Brief).totals if path.exists() else ()


def _shown(group: Group) -> Json:
    named = {name: _named(name, getattr(group, name)) for name in _DICTIONARIES}
    sides = {side: _side(getattr(group, side)) for side in ("hospital", "centre")}
    return {**named, **sides, "balanced": group.hospital == group.centre}


def _named(name: str, code: str) -> str:
    """With the code's name; empty where the totals are not split by it."""
    return f"{code} {dictionaries()[_DICTIONARIES[name]].get(code, '')}".strip()


def _side(sums: tuple[int, int, int, int]) -> Json:
    medfee, fund, acct, count = sums
    return {"medfee": yuan(medfee), "fund": yuan(fund), "acct": yuan(acct), "count": count}
