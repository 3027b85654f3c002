"""One thing done with many cases: a few at a time, and one report of what was done and what was refused."""

import asyncio
from typing import Any, Final

import msgspec
from litestar import post
from litestar.exceptions import ClientException
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import DESK
from services.console.asking import Answered, Asker, segment
from services.console.pages.cases.acts import Act, bulk_of
from services.console.web.page import AnyRequest, page

MOST: Final = 200
_AT_ONCE: Final = 8


class Done(msgspec.Struct):
    """`wrong` is why it was refused; empty where it was done."""

    case: str
    number: str
    title: str
    wrong: str = ""


@post("/cases/bulk", roles=DESK, include_in_schema=False, status_code=200)
async def bulk(request: AnyRequest, desk: Asker) -> Template:
    """`case` is given once for each; what one refuses does not stop the others."""
    form = await request.form()
    ids = list(dict.fromkeys(form.getall("case", [])))
    wanted = bulk_of(str(form.get("act", "")), {k: v for k, v in form.items() if isinstance(v, str)})
    if not ids or wanted is None:
        raise ClientException("请先勾选工单, 再选择操作")
    if not all(wanted[1].values()):
        raise ClientException("请填写内容")
    if len(ids) > MOST:
        raise ClientException(f"一次最多处理 {MOST} 件: 请分批勾选")
    done = await _each(desk, ids, *wanted)
    return page(request, "cases/done.html", "批量处理结果", done=done, back=str(form.get("back", "")))


async def _each(desk: Asker, ids: list[str], act: Act, body: dict[str, Any]) -> list[Done]:
    known = {case["id"]: case for case in await desk.get("intake", "/cases", id=ids, limit=MOST, brief=True)}
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(id_: str) -> Done:
        case = known.get(id_, {"number": id_[:36], "title": ""})
        done = Done(id_, case["number"], case["title"])
        try:
            async with turn:
                await desk.post("intake", f"/cases/{segment(id_)}/{act.route}", body)
        except Answered as error:
            done.wrong = error.told
        return done

    return await asyncio.gather(*map(one, ids))


ROUTES: Final[list[ControllerRouterHandler]] = [bulk]
