"""All that is done with articles over HTTP: each route is a command, and the article's fold decides."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, post, put
from litestar.datastructures import State

from chassis.access import ASKERS, DESK
from chassis.asking import AnyRequest, expected, stamp
from chassis.http import carry_out
from chassis.personal.masking import mask_reply
from contracts import knowledge_work as wish
from contracts.envelope import derive_id
from services.knowledge.articles import wanted
from services.knowledge.articles.asking import (
    BadRequest,
    articles_of,
    command,
    find,
    reader_of,
    reader_stamp,
    send,
    unknown,
)
from services.knowledge.articles.forms import Into, Owner, Rating, Until, Why
from services.knowledge.audience import viewer_of

Json = dict[str, Any]


class ArticleWorkController(Controller):
    """What becomes of an article (知识条目的办理). The desk's engineers only, but for the rating."""

    path = "/articles"
    tags = ("articles",)
    opt = {"roles": DESK}  # noqa: RUF012 - the framework's own way

    @post(status_code=200, summary="新建知识条目")
    async def create(self, state: State, request: AnyRequest, data: Json) -> Response[Json]:
        """A draft; readers see it once somebody else has published it. `why` and `sources` beside the content."""
        facts = stamp(request, "WriteArticle")
        id_ = derive_id("article", facts["id"])
        model = wish.WriteArticle.model_validate(
            {**facts, "article_id": id_, "expected_version": 0, **wanted.writing(data)}
        )
        return await carry_out(state.service, model, f"/articles/{id_}")

    @put("/{reference:str}", summary="修改知识条目")
    async def write(self, state: State, request: AnyRequest, reference: str, data: Json) -> Response[Json]:
        """The whole content anew, as a draft: readers see the published one until this is published. `If-Match` with
        the version that was read refuses to write over somebody else's change; views and votes are none."""
        return await command(state, request, reference, wish.WriteArticle, **wanted.writing(data))

    @post("/{reference:str}/discard", status_code=200, summary="放弃修改, 保留已发布的内容")
    async def discard(self, state: State, request: AnyRequest, reference: str, data: Why) -> Response[Json]:
        """What readers see is the latest content again; the revision stays among the versions."""
        found = await find(state, reference, viewer_of(request))
        if found.state is None or (content := found.state.shown) is None:
            raise BadRequest("not_live", "这条知识没有已发布的内容可以保留: 不再需要时请停用")
        # Without If-Match too: what was published meanwhile is not to be replaced by what was read here.
        version = expected(request, may_be_new=False) or found.version
        facts = {"content": content, "why": mask_reply(data.why), "expected_version": version}
        return await send(state, request, found.id, wish.WriteArticle, **facts)

    @post("/{reference:str}/submit", status_code=200, summary="送审")
    async def submit(self, state: State, request: AnyRequest, reference: str, data: Why) -> Response[Json]:
        return await command(state, request, reference, wish.SubmitArticle, why=mask_reply(data.why))

    @post("/{reference:str}/return", status_code=200, summary="退回修改")
    async def send_back(self, state: State, request: AnyRequest, reference: str, data: Why) -> Response[Json]:
        """`why` is what has to change."""
        return await command(state, request, reference, wish.ReturnArticle, why=_said(data.why))

    @post("/{reference:str}/publish", status_code=200, summary="发布")
    async def publish(self, state: State, request: AnyRequest, reference: str, data: Until) -> Response[Json]:
        """By somebody else than who wrote it."""
        facts = {"why": mask_reply(data.why), "review_at": data.review_at}
        return await command(state, request, reference, wish.PublishArticle, **facts)

    @post("/{reference:str}/question", status_code=200, summary="提请复核")
    async def question(self, state: State, request: AnyRequest, reference: str, data: Why) -> Response[Json]:
        """It may not be right any more; readers still see it."""
        return await command(state, request, reference, wish.QuestionArticle, why=_said(data.why))

    @post("/{reference:str}/confirm", status_code=200, summary="复核通过")
    async def confirm(self, state: State, request: AnyRequest, reference: str, data: Until) -> Response[Json]:
        """Reviewed, and still right as it is."""
        facts = {"why": mask_reply(data.why), "review_at": data.review_at}
        return await command(state, request, reference, wish.ConfirmArticle, **facts)

    @post("/{reference:str}/retire", status_code=200, summary="停用")
    async def retire(self, state: State, request: AnyRequest, reference: str, data: Why) -> Response[Json]:
        """Nobody reads it any more; writing it anew brings it back."""
        return await command(state, request, reference, wish.RetireArticle, why=_said(data.why))

    @post("/{reference:str}/own", status_code=200, summary="更换负责人")
    async def own(self, state: State, request: AnyRequest, reference: str, data: Owner) -> Response[Json]:
        facts = {"owner": data.owner.strip(), "why": mask_reply(data.why)}
        return await command(state, request, reference, wish.OwnArticle, **facts)

    @post("/{reference:str}/merge", status_code=200, summary="合并到另一条")
    async def merge(self, state: State, request: AnyRequest, reference: str, data: Into) -> Response[Json]:
        """Its sources and figures count there. Where `into` has been merged itself, where that one went."""
        into = await _target(state, request, reference, data.into)
        return await command(state, request, reference, wish.MergeArticle, into=into, why=mask_reply(data.why))

    @post("/{reference:str}/keep-apart", status_code=200, summary="不合并, 保留为独立条目")
    async def keep_apart(self, state: State, request: AnyRequest, reference: str, data: Why) -> Response[Json]:
        """The same merge is not proposed again."""
        return await command(state, request, reference, wish.KeepArticleApart, why=mask_reply(data.why))

    @post("/{reference:str}/rate", status_code=200, roles=ASKERS, summary="评价是否有帮助")
    async def rate(self, state: State, request: AnyRequest, reference: str, data: Rating) -> Response[Json]:
        """One vote per reader, the latest counts."""
        reader = reader_of(request)
        found = await find(state, reference, viewer_of(request))
        asked = reader_stamp(request, reader, "RateArticle", found.id)
        facts = {"article_id": found.id, "helpful": data.helpful, "reader": reader, "why": mask_reply(data.why)}
        return await carry_out(state.service, wish.RateArticle(**asked, **facts), f"/articles/{found.id}")


async def _target(state: State, request: AnyRequest, reference: str, into: str) -> UUID:
    """Raises NotFound, and BadRequest for what nothing can be merged into."""
    own = await find(state, reference, viewer_of(request))
    found = await articles_of(state).target(into)
    if found is None or found.state is None:
        raise unknown(into)
    if found.id == own.id or found.state.state == "retired":
        raise BadRequest("bad_target", "不能合并到自身, 也不能合并到已停用的条目: 请另选一条")
    return found.id


def _said(why: str) -> str:
    if len(why.strip()) < 2:
        raise BadRequest("no_reason", "请填写原因 (why), 至少两个字")
    return mask_reply(why)
