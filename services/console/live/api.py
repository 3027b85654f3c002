"""`/live`: server-sent events for open pages, and who looks at a case with whom."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar import get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.response import ServerSentEvent, ServerSentEventMessage
from litestar.types import ControllerRouterHandler

from chassis.access import EVERYBODY, READERS, principal_of
from services.console.asking import Answered, Asker
from services.console.live.hint import Hint
from services.console.live.hub import Hub, Reader
from services.console.signin.session import Visitor, goes_on, visitor_in
from services.console.web.page import AnyRequest


@get("/live", roles=EVERYBODY, include_in_schema=False)
async def live(request: AnyRequest, state: State, desk: Asker, case: str = "") -> ServerSentEvent:
    """Hints until the page is closed or the session over; `case` is the one that the page shows. 404 for one that is
    not the reader's.
    """
    if case and not await desk.get("intake", "/cases", id=[case], brief=True, limit=1):
        raise NotFoundException
    return ServerSentEvent(_told(state, visitor_in(request), case, desk))


async def _told(state: State, visitor: Visitor, case: str, desk: Asker) -> AsyncIterator[ServerSentEventMessage]:
    hub: Hub = state.service.state["live"]
    reader = Reader(visitor.principal, case)
    hub.readers.add(reader)
    try:
        yield ServerSentEventMessage(event="unread", data=await _unread(desk), retry=2_000)
        async for hints in reader.hints():
            if not await goes_on(state, visitor):
                return
            for hint in hints:
                yield ServerSentEventMessage(event="hint", data=msgspec.json.encode(hint).decode())
            if any(hint.kind == "notify" for hint in hints):
                yield ServerSentEventMessage(event="unread", data=await _unread(desk))
            elif not hints:
                yield ServerSentEventMessage(comment="still here")
    finally:
        hub.readers.discard(reader)


async def _unread(desk: Asker) -> str:
    try:
        return str((await desk.get("notify", "/inbox/unread")).get("unread", 0))
    except Answered:
        return "0"


@post("/live/presence", roles=READERS, include_in_schema=False, status_code=204)
async def presence(request: AnyRequest, state: State, case: str, doing: str = "looking") -> None:
    """`doing` is looking, typing or gone; pages that show the case tell it for half a minute."""
    who = principal_of(request)
    detail = f"{'gone' if doing == 'gone' else 'typing' if doing == 'typing' else 'looking'}:{who.name or who.account}"
    hub: Hub = state.service.state["live"]
    await hub.present(Hint("presence", case[:64], detail))


ROUTES: Final[list[ControllerRouterHandler]] = [live, presence]
