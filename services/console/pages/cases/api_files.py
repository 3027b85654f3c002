"""Files of a case on their way through the console: attachments, the evidence packet, the whole record."""

from typing import Final, Literal

from litestar import get
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from chassis.access import ASKERS, READERS
from services.console.asking import Asker
from services.console.web.download import download


@get("/cases/{ref:str}/files/{key:str}", roles=ASKERS, include_in_schema=False)
async def attachment(desk: Asker, ref: str, key: str) -> Stream:
    """Always a download: no browser runs what somebody sent."""
    return await download(desk, "intake", f"/cases/{ref}/files/{key}")


@get("/cases/{ref:str}/evidence-file", roles=READERS, include_in_schema=False)
async def evidence_file(desk: Asker, ref: str) -> Stream:
    return await download(desk, "intake", f"/cases/{ref}/evidence", format="zip")


@get("/cases/{ref:str}/record", roles=READERS, include_in_schema=False)
async def record(desk: Asker, ref: str, form: Literal["json", "pdf"] = "pdf") -> Stream:
    """The whole record; intake notes who took it."""
    return await download(desk, "intake", f"/cases/{ref}/export", format=form)


ROUTES: Final[list[ControllerRouterHandler]] = [attachment, evidence_file, record]
