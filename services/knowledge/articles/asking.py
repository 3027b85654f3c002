"""What every route about articles needs: who asks, which article, which command."""

from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid4

from litestar import Response
from litestar.datastructures import State

from chassis.access import principal_of
from chassis.asking import AnyRequest, expected, stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out, now
from chassis.store import Document
from contracts.envelope import Actor, derive_id
from contracts.knowledge_work import ArticleCommand
from services.knowledge.articles.model import Article
from services.knowledge.articles.shown import visible
from services.knowledge.articles.store import Articles
from services.knowledge.audience import Viewer, viewer_of

Json = dict[str, Any]


class BadRequest(Refused):
    status = 400


def articles_of(state: State) -> Articles:
    articles: Articles = state.service.state["articles"]
    return articles


async def find(state: State, reference: str, viewer: Viewer) -> Document[Article]:
    """Raises NotFound for what is not there, and for what this reader may not know of."""
    found = await articles_of(state).find(reference)
    if found is None or found.state is None or not visible(found.state, viewer):
        raise unknown(reference)
    return found


def unknown(reference: str) -> NotFound:
    return NotFound("not_found", f"没有知识条目 {reference[:50]}: 请核对编号, 或重新检索")


async def command(
    state: State, request: AnyRequest, reference: str, model: type[ArticleCommand], **facts: Any
) -> Response[Json]:
    """Send an engineer's command about an article, wait for its outcome."""
    found = await find(state, reference, viewer_of(request))
    return await send(state, request, found.id, model, **facts)


async def send(
    state: State, request: AnyRequest, id_: UUID, model: type[ArticleCommand], **facts: Any
) -> Response[Json]:
    version = expected(request, may_be_new=False)
    asked = {**stamp(request, model.__name__, id_), "article_id": id_, "expected_version": version}
    return await carry_out(state.service, model.model_validate({**asked, **facts}), f"/articles/{id_}")


def reader_of(request: AnyRequest) -> str:
    """Tells readers apart without saying who they are: 16 hex digits."""
    return blake2b(principal_of(request).account.encode(), digest_size=8).hexdigest()


def reader_stamp(request: AnyRequest, reader: str, *about: object) -> Json:
    """As `chassis.asking.stamp`, without saying who it was."""
    once = request.headers.get("Idempotency-Key")
    id_ = derive_id("idempotency", *about, reader, once) if once else uuid4()
    return {"id": id_, "occurred_at": now(), "actor": Actor(kind="requester", id=reader)}
