"""The page of one case, and the parts of it that come after it: advice, evidence, what an article would say."""

import asyncio
from typing import Any, Final
from uuid import uuid4

from litestar import MediaType, get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, READERS, WITH_HOSPITALS
from services.console.asking import Answered, Asker
from services.console.pages.cases import packed, told, words
from services.console.pages.names import names
from services.console.pages.partly import given, part
from services.console.web.page import AnyRequest, page

Json = dict[str, Any]


@get("/cases/{ref:str}", roles=WITH_HOSPITALS, include_in_schema=False)
async def case(request: AnyRequest, desk: Asker, ref: str) -> Template:
    """By id or number. Clocks that cannot be read do not take the rest of the page with them."""
    found = await desk.get("intake", f"/cases/{ref}")
    return await (_own if desk.who.role == "hospital" else _staff)(request, desk, found)


async def _own(request: AnyRequest, desk: Asker, found: Json) -> Template:
    """A hospital reads what was said and how far it is."""
    account = await part(desk.get("sla", f"/clocks/{found['id']}/account"))
    clocks = told.clocks(given(account, {"clocks": []})["clocks"])
    return page(
        request, "cases/own_case.html", found["title"], case=found, clocks=clocks, plain=words.plain,
        live=f"/live?case={found['id']}", once=uuid4().hex,
    )  # fmt: skip


async def _staff(request: AnyRequest, desk: Asker, found: Json) -> Template:
    may_act = desk.who.role in DESK
    account, institutions, staff, moves = await asyncio.gather(
        part(desk.get("sla", f"/clocks/{found['id']}/account")),
        names(desk, "institution"),
        names(desk, "staff"),
        part(desk.get("intake", f"/cases/{found['id']}/moves")),
    )
    clocks = told.clocks(given(account, {"clocks": []})["clocks"])
    return page(
        request, "cases/case.html", found["title"], case=found, said=told.conversation(found), clocks=clocks,
        no_clocks=account if isinstance(account, Answered) else None, institutions=institutions, staff=staff,
        timeline=told.timeline(found["timeline"], clocks, staff), moves=given(moves, None), words=words.WORDS,
        may_act=may_act, live=f"/live?case={found['id']}", is_open=found["status"] in words.OPEN,
    )  # fmt: skip


@get("/cases/{ref:str}/advice", roles=DESK, include_in_schema=False)
async def advice(request: AnyRequest, desk: Asker, ref: str) -> Template:
    """Suggested articles and similar cases, with what was made of them; refused ones are left out."""
    suggested, similar = await asyncio.gather(
        part(desk.get("knowledge", f"/suggestions/{ref}")), part(desk.get("knowledge", f"/similar/{ref}", limit=6))
    )
    offers = given(suggested, {"suggestions": []})["suggestions"]
    known = {offer["article_id"] for offer in offers}
    like = [one for one in given(similar, {"similar": []})["similar"] if one["article_id"] not in known]
    message = suggested.told if isinstance(suggested, Answered) else suggested["message"]
    shown: Json = {"offers": [o for o in offers if o["verdict"] != "rejected"], "like": like, "ref": ref}
    return page(request, "cases/advice.html", "推荐", message=message, **shown)


@get("/cases/{ref:str}/evidence", roles=READERS, include_in_schema=False)
async def evidence(request: AnyRequest, desk: Asker, ref: str) -> Template:
    """What would be handed to the provincial platform, to be looked at before it is."""
    packet = await desk.get("intake", f"/cases/{ref}/evidence")
    return page(request, "cases/evidence.html", f"证据包 {packet['number']}", ref=ref, **packed.shown(packet))


@get("/cases/{ref:str}/contacts", roles=DESK, include_in_schema=False)
async def contacts(request: AnyRequest, desk: Asker, ref: str, q: str = "") -> Template:
    """Whom the requester may be: people of the directory by the words that were typed."""
    found = await desk.get("intake", "/directory/contact", q=q, limit=20)
    return page(request, "cases/contacts.html", "联系人", contacts=found, institutions=await names(desk, "institution"))


@get("/cases/{ref:str}/words/{article:str}", roles=DESK, include_in_schema=False, media_type=MediaType.TEXT)
async def article_words(desk: Asker, ref: str, article: str) -> str:
    """What an article answers, to begin an answer with."""
    found = await desk.get("knowledge", f"/articles/{article}")
    return str(found["answer"])


ROUTES: Final[list[ControllerRouterHandler]] = [case, advice, evidence, contacts, article_words]
