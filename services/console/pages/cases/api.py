"""The list of cases: by its address, by name, by what was marked in it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import MediaType, Response, get, post
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK, READERS, WITH_HOSPITALS
from services.console.asking import Answered, Asker
from services.console.pages.cases import listed, words
from services.console.pages.cases.api_acts import ROUTES as ACTS
from services.console.pages.cases.api_bulk import ROUTES as BULK
from services.console.pages.cases.api_case import ROUTES as CASE
from services.console.pages.cases.api_files import ROUTES as FILES
from services.console.pages.cases.saved import Saved
from services.console.pages.names import names
from services.console.pages.partly import given, part
from services.console.web.page import AnyRequest, page, see_other

Json = dict[str, Any]


class Named(msgspec.Struct):
    """A list and its name."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
    query: str = ""


Form = Annotated[Named, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/cases", roles=WITH_HOSPITALS, include_in_schema=False)
async def cases(request: AnyRequest, state: State, desk: Asker, cursor: str = "") -> Template:
    """Hospitals see their own, in their words."""
    wanted = listed.asked(request.query_params.multi_items())
    hospital = desk.who.role == "hospital"
    by_left = wanted.get("sort") == ["left"]  # of which there is one page: one more tells whether that is all
    (rows, following), tabs, institutions, staff = await asyncio.gather(
        found(desk, wanted, cursor, listed.PAGE + by_left),
        _tabs(state, desk, wanted),
        names(desk, "institution"),
        names(desk, "staff"),
    )
    titles = _titles(institutions, staff)
    shown: Json = {
        "rows": rows[: listed.PAGE], "cut": len(rows) > listed.PAGE, "tabs": tabs, "wanted": wanted,
        "here": listed.address(wanted), "again": listed.address(wanted, cursor), "following": following,
        "by_time": listed.address({name: wanted[name] for name in wanted if name != "sort"}),
        "institutions": institutions, "staff": staff, "words": words.WORDS, "plain": words.plain,
        "fields": listed.fields(wanted, titles), "kept": listed.kept(wanted, titles),
        "chips": [] if hospital else listed.chips(wanted, titles), "may_act": desk.who.role in DESK,
    }  # fmt: skip
    title = "我的问题" if hospital else "工单"
    return page(request, "cases/own.html" if hospital else "cases/list.html", title, **shown)


async def found(
    desk: Asker, wanted: listed.Asked, cursor: str = "", limit: int = listed.PAGE
) -> tuple[list[Json], str]:
    """A page of a list with its deadlines, and where the next one begins."""
    query = listed.for_intake(wanted, desk.who.account)
    if wanted.get("sort") == ["left"]:
        return await _most_urgent(desk, query, limit), ""
    asked = {name: value for name, value in {**query, "limit": limit, "cursor": cursor}.items() if value}
    answer = await desk.answer("GET", "intake", "/cases", params={**asked, "brief": True})
    read = answer.json()
    return listed.rows(read, await clocks(desk, read)), answer.headers.get("X-Next-Cursor", "")


async def _most_urgent(desk: Asker, query: Json, limit: int) -> list[Json]:
    """Of the cases whose deadline comes first those that the list is about, and where these are few, others of it."""
    soonest = given(await part(desk.get("sla", "/clocks/soonest", **listed.for_sla(query, limit))), [])
    ids = list(dict.fromkeys(clock["case_id"] for clock in soonest))
    found = await desk.get("intake", "/cases", **query, id=ids, limit=listed.MOST, brief=True) if ids else []
    if len(found) < limit:
        read = await desk.get("intake", "/cases", **query, limit=limit, brief=True)
        others = [case for case in read if case["id"] not in ids]
        found, soonest = [*found, *others], [*soonest, *await clocks(desk, others)]
    return listed.by_left(listed.rows(found, soonest))[:limit]


async def clocks(desk: Asker, cases: Sequence[Json]) -> list[Json]:
    """Of these cases those that still go on; without them where sla does not answer."""
    ids = [case["id"] for case in cases if case["status"] != "closed"]
    if not ids:
        return []
    try:
        found: list[Json] = await desk.post("sla", "/clocks/of", {"case_ids": ids[: listed.MOST]})
    except Answered:
        return []
    return found


async def _tabs(state: State, desk: Asker, wanted: listed.Asked) -> list[Json]:
    """The common lists with how many cases each has, and one's own, of which the page asks for that by itself."""
    here = listed.address(wanted)
    if desk.who.role == "hospital":
        return listed.tabs(listed.OWN, (), here, None)
    figures, own = await asyncio.gather(part(desk.get("intake", "/cases/figures")), _saved(state).of(desk.who.account))
    common = listed.COMMON if desk.who.role in DESK else listed.COMMON[2:]
    return listed.tabs(common, own, here, given(figures, None))


@get("/cases/count", roles=READERS, include_in_schema=False, media_type=MediaType.TEXT)
async def count(request: AnyRequest, desk: Asker) -> str:
    """How many cases a list has; of one that was searched for nobody knows."""
    wanted = listed.asked(request.query_params.multi_items())
    if "q" in wanted:
        return ""
    found = await desk.get("intake", "/cases/count", **listed.for_intake(wanted, desk.who.account))
    return f"{found['most'] - 1}+" if found["count"] >= found["most"] else str(found["count"])


def _titles(institutions: Mapping[str, str], staff: Mapping[str, str]) -> listed.Titles:
    return {
        "status": {**words.STATUS, "open": "未结"}, "kind": words.KINDS, "priority": words.PRIORITIES,
        "channel": words.CHANNELS, "assignee": {"me": "我的", "none": "未分派", **staff}, "institution": institutions,
        "category": {one: one for one in words.CATEGORIES},
        "waiting_for": {key: f"等{name}" for key, name in words.WAITING.items()},
    }  # fmt: skip


def _saved(state: State) -> Saved:
    return Saved(state.service.db)


@post("/cases/views", roles=READERS, include_in_schema=False)
async def save_view(request: AnyRequest, state: State, desk: Asker, data: Form) -> Response[Any]:
    """Give the list that is looked at a name."""
    view = await _saved(state).save(desk.who.account, data.title.strip() or "未命名", data.query)
    return see_other(request, f"/cases?{view.key}", f"已保存筛选: {view.title}")


@post("/cases/views/remove", roles=READERS, include_in_schema=False)
async def remove_view(request: AnyRequest, state: State, desk: Asker, data: Form) -> Response[Any]:
    """Forget the name; cases stay as they are."""
    await _saved(state).remove(desk.who.account, data.title)
    return see_other(request, "/cases", f"已删除筛选: {data.title}")


ROUTES: Final[list[ControllerRouterHandler]] = [cases, count, save_view, remove_view, *BULK, *CASE, *ACTS, *FILES]
