"""The pages of /training: how many trainings a contract allows, which were held and proven, which are planned."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, READERS
from chassis.zone import BEIJING
from services.console.asking import Answered, Asker
from services.console.pages.names import names
from services.console.pages.partly import given, part
from services.console.pages.training import view
from services.console.web.page import AnyRequest, page, see_other

Json = dict[str, Any]
_MOST, _MATERIALS = 200, 10


@dataclass
class Record:
    """A training that was held, and what proves it."""

    held_on: str = ""
    topic: str = ""
    mode: str = ""
    attendance: str = ""
    more: str = ""
    item: str = ""
    contract: str = ""
    file: UploadFile | None = None


@get("/training", roles=READERS, include_in_schema=False)
async def training(request: AnyRequest, desk: Asker, contract: str = "") -> Template:
    """All contracts in few words, one of them whole: the one that is asked for, else the first in force."""
    found, definitions, known, staff, materials = await asyncio.gather(
        desk.get("intake", "/directory/contract", limit=_MOST),
        part(desk.get("sla", "/obligations/definitions")),
        names(desk, "institution"),
        names(desk, "staff"),
        part(desk.get("knowledge", "/articles", kind="guide", state="published", limit=_MATERIALS)),
    )
    today = datetime.now(BEIJING).date()
    agreed = sorted(found, key=lambda one: (not one["begins"] <= today.isoformat() <= one["ends"], one["key"]))
    chosen = next((one for one in agreed if one["key"] == contract), agreed[0] if agreed else None)
    occurrence, usage = await _of(desk, chosen, view.duties(given(definitions, []))) if chosen else (None, None)
    whole = view.contract(chosen, given(occurrence, None), given(usage, None), known, today) if chosen else None
    return page(
        request, "training/training.html", "培训", contracts=agreed, contract=whole, materials=materials,
        failed=[one for one in (definitions, occurrence, usage) if isinstance(one, Answered)], today=today,
        staff=staff,
    )  # fmt: skip


async def _of(desk: Asker, contract: Json, duties: frozenset[str]) -> tuple[Any, Any]:
    key = contract["key"]
    return await asyncio.gather(
        part(_occurrence(desk, key, duties)), part(desk.get("intake", f"/directory/contracts/{key}/usage"))
    )


async def _occurrence(desk: Asker, contract: str, duties: frozenset[str]) -> Json | None:
    """With its evidence; the one that is open, else the latest that ended."""
    for state in ("", "completed"):
        listed = await desk.get("sla", "/obligations", contract=contract, state=state, limit=_MOST)
        if found := next((one for one in listed if one["definition"] in duties), None):
            whole: Json = await desk.get("sla", f"/obligations/{found['id']}")
            return whole
    return None


@post("/training/{obligation:uuid}/evidence", roles=DESK, include_in_schema=False, status_code=200)
async def record(
    request: AnyRequest, desk: Asker, obligation: UUID,
    data: Annotated[Record, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[Any]:  # fmt: skip
    """A training was held: a note, and the attendance list or notice as a file. Each counts as one."""
    form = {"note": view.note(vars(data)), "item": data.item}
    sent = data.file if data.file and data.file.filename else None
    files = {"file": (sent.filename, sent.file, sent.content_type)} if sent else {"file": ("", b"")}
    path = f"/obligations/{obligation}/evidence"
    await desk.answer("POST", "sla", path, data={k: v for k, v in form.items() if v}, files=files)
    return see_other(request, f"/training?contract={data.contract}", "已登记一次培训")


ROUTES: Final[list[ControllerRouterHandler]] = [training, record]
