"""Pictures of the manual, taken on the walk: which pages it shows for a role, and how they become small files."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Page

from contracts.identity import Role

_COLOURS = 96
_CASE, _RUN, _RECONCILIATION = "/cases/{ref:str}", "/runs/{run_id:uuid}", "/reconciliations/{id_:uuid}"
SHOWN: Final[Mapping[Role, Mapping[str, str]]] = {
    "engineer": {
        "/": "today", "/cases": "cases", _CASE: "case", "/cases/{ref:str}/evidence": "evidence", "/inbox": "inbox",
        "/inbox/settings": "inbox-settings", "/duty": "duty", "/duty/handover": "handover", "/knowledge": "knowledge",
        "/knowledge/{reference:str}/edit": "article-edit", "/reports": "reports", _RUN: "run",
        _RECONCILIATION: "reconciliation", "/obligations": "obligations", "/training": "training",
        "/reports/schedules/new": "schedule",
    },
    "lead": {
        "/": "today", "/outages/{reference:str}": "outage", "/knowledge/queue": "review",
        "/reports/{report:str}/versions": "definition", "/obligations/exemptions": "exemptions",
        "/obligations/attainment": "attainment", "/admin/rules": "rules", "/admin/promises": "promises",
        "/institutions/{code:str}": "institution", "/wall": "wall",
    },
    "officer": {"/": "today", "/reports/definitions": "definitions", "/obligations/attainment": "attainment"},
    "hospital": {
        "/": "today", "/ask": "ask", _CASE: "case", "/knowledge": "knowledge", _RECONCILIATION: "reconciliation",
        "/reports/{report:str}": "report", "/institutions/{code:str}": "institution",
    },
    "auditor": {"/": "today", "/audit": "audit"},
    "ops": {"/": "today", "/admin/channels": "channels", "/admin/health": "health", "/reports/feeds": "feeds"},
    "admin": {"/admin": "admin", "/admin/accounts": "accounts", "/admin/accounts/{account:str}": "account"},
}  # fmt: skip
"""By role: the kind of a page, and the name of its picture."""


async def take(page: Page, path: Path) -> None:
    """The window as it is, in few colours."""
    image = Image.open(io.BytesIO(await page.screenshot(animations="disabled"))).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
