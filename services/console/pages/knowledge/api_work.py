"""What becomes of an article: each button of its page is one command of the service, which decides."""

from datetime import date
from typing import Any, Final, NamedTuple

from litestar import Response, post
from litestar.exceptions import NotFoundException
from litestar.types import ControllerRouterHandler

from chassis.access import DESK
from services.console.asking import Answered, Asker
from services.console.web.forms import Form
from services.console.web.page import AnyRequest, see_other


class Act(NamedTuple):
    """What it takes from the form beside `why`, and what is told when it is done."""

    done: str
    takes: tuple[str, ...] = ()


ACTS: Final = {
    "submit": Act("已送审: 请另一位同事审核发布"),
    "return": Act("已退回修改"),
    "publish": Act("已发布", ("review_at",)),
    "question": Act("已提请复核"),
    "confirm": Act("已复核通过", ("review_at",)),
    "retire": Act("已停用"),
    "own": Act("已更换负责人", ("owner",)),
    "merge": Act("已合并", ("into",)),
    "keep-apart": Act("已保留为独立条目"),
    "discard": Act("已放弃修改, 读者看到的内容不变"),
}


@post("/knowledge/{reference:str}/{act:str}", roles=DESK, include_in_schema=False, status_code=200)
async def work(request: AnyRequest, desk: Asker, reference: str, act: str, data: Form) -> Response[Any]:
    """One of ACTS."""
    if (meant := ACTS.get(act)) is None:
        raise NotFoundException
    body = {name: data[name].strip() for name in ("why", *meant.takes) if data.get(name, "").strip()}
    if "review_at" in body:
        body["review_at"] = _end_of(body["review_at"])
    await desk.post("knowledge", f"/articles/{reference}/{act}", body)
    return see_other(request, f"/knowledge/{reference}", meant.done)


def _end_of(day: str) -> str:
    """The last moment of a day in Beijing."""
    try:
        return f"{date.fromisoformat(day)}T23:59:59+08:00"
    except ValueError:
        raise Answered(400, "日期写法不对: 请写成 2027-05-31") from None


ROUTES: Final[list[ControllerRouterHandler]] = [work]
