"""HTTP of archives: a hospital's book, for the engineers and that hospital."""

from typing import Annotated, Literal
from urllib.parse import quote

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import WITH_HOSPITALS
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.errors import NotFound
from chassis.http import now
from chassis.personal.masking import mask
from services.knowledge.archive.choosing import Front
from services.knowledge.archive.printing import Press
from services.knowledge.audience import viewer_of

LONGEST_NAME = 40


@get(
    "/archive/{file:str}", tags=["archive"], roles=WITH_HOSPITALS, media_type="application/pdf",
    summary="打印一家医院的专属档案 (PDF)",
)  # fmt: skip
async def archive(
    state: State, request: AnyRequest, file: str,
    also: Annotated[Literal["hospitals"] | None, Parameter(query="with")] = None,
    name: Annotated[str, Parameter(max_length=LONGEST_NAME)] = "",
) -> Response[bytes]:  # fmt: skip
    """`/archive/<机构编码>.pdf`: the hospital's own articles; `with=hospitals` adds those for all hospitals, `name` is
    what stands on the title page. Others than the engineers and that hospital are told that there is none.
    """
    institution, dot, ending = file.rpartition(".")
    plain = institution.isascii() and institution.isalnum() and len(institution) <= LONGEST_NAME
    mine = plain and viewer_of(request).may_read(f"hospital:{institution}")
    if not dot or ending.lower() != "pdf" or not mine:
        raise NotFound("not_found", "没有这份档案: 请核对机构编码, 地址为 /archive/<机构编码>.pdf")
    press: Press = state.service.state["press"]
    front = Front(institution, mask(" ".join(name.split())), now(), also == "hospitals")
    named = quote(f"专属档案-{institution}.pdf", safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{named}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    body = await press.print(front)
    await noted(state.service, request, "exported", "archive", institution=institution)
    return Response(body, media_type="application/pdf", headers=headers)
