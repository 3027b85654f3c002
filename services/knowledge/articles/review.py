"""Reviews that come by themselves, because a date has come, and those that somebody asks for of many at once."""

from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from litestar import Controller, post
from litestar.datastructures import State

from chassis.access import DESK
from chassis.asking import AnyRequest, stamp
from chassis.broker import NatsOutbox
from chassis.http import now
from chassis.outgoing import from_command
from chassis.personal.masking import mask_reply
from contracts.envelope import SYSTEM, derive_id
from contracts.knowledge_work import QuestionArticle
from services.knowledge.articles.asking import BadRequest, articles_of
from services.knowledge.articles.model import Article
from services.knowledge.articles.queries import NEWEST, doubtful
from services.knowledge.articles.store import Articles
from services.knowledge.articles.sweep import Sweep

Json = dict[str, Any]
EVERY_S: Final = 60.0
MOST: Final = 2_000
_NAMED: Final = 50
_WORDS: Final = 10


class Doubted(msgspec.Struct):
    """Which published articles are to be reviewed: all that is given has to fit; `words` have to occur, every one."""

    doubt: Literal["interface", "policy"]
    why: str
    infno: str | None = None
    edition: str | None = None
    category: str | None = None
    words: list[str] = []


class ReviewController(Controller):
    """Reviews and merges of many at once (批量复核与查重). Engineers only."""

    path = "/articles"
    tags = ("articles",)

    @post("/question-all", status_code=200, roles=DESK, summary="批量提请复核 (接口或政策变化)")
    async def question_all(self, state: State, request: AnyRequest, data: Doubted, preview: bool = False) -> Json:
        """After a new version of the interface, or of a policy. With `preview=true` it only says which."""
        asked, query = stamp(request, "QuestionAll"), _query(data)
        total, found = await articles_of(state).page(query, NEWEST, MOST)
        if total > MOST:
            raise BadRequest("too_many", f"符合的条目有 {total} 条, 一次最多 {MOST} 条: 请加上类别或交易编号")
        if not preview:
            facts = {**asked, "doubt": data.doubt, "why": mask_reply(data.why)}
            wishes = [_question(facts, d.id) for d in found]
            await state.service.outbox.publish([from_command(one) for one in wishes])
        named = [{"id": str(d.id), "number": d.state.number, "title": _title(d.state)} for d in found if d.state]
        return {"matched": total, "questioned": 0 if preview else total, "articles": named[:_NAMED]}

    @post("/duplicates", status_code=200, roles=DESK, summary="查找疑似重复的草稿")
    async def duplicates(self, state: State) -> Json:
        """Drafts that say nearly what another article says are proposed for merging; says how many."""
        sweep: Sweep = state.service.state["sweep"]
        return {"proposed": await sweep.newest()}


async def question_due(articles: Articles, outbox: NatsOutbox, at: datetime | None = None) -> int:
    """How many published articles are in doubt because their date has come. Saying it again says nothing new."""
    at = at or now()
    due = await articles.due(at)
    wishes = [_overdue(d.id, d.state, at) for d in due if d.state is not None]
    await outbox.publish([from_command(one) for one in wishes])
    return len(wishes)


def _overdue(id_: Any, article: Article, at: datetime) -> QuestionArticle:
    assert article.review_at is not None
    cause = derive_id("review due", id_, article.live_revision, article.review_at.isoformat())
    why = "到了约定的复核日期"
    return QuestionArticle(id=cause, occurred_at=at, actor=SYSTEM, article_id=id_, doubt="date", why=why)


def _question(facts: Json, id_: Any) -> QuestionArticle:
    return QuestionArticle.model_validate({**facts, "id": derive_id("question", facts["id"], id_), "article_id": id_})


def _query(data: Doubted) -> Json:
    words = [word.strip() for word in data.words if word.strip()]
    if len(data.why.strip()) < 2:
        raise BadRequest("no_reason", "请填写原因 (why), 至少两个字")
    if not (data.infno or data.edition or data.category or words):
        raise BadRequest(
            "no_filter", "请至少填写交易编号 (infno)、版本 (edition)、类别 (category) 或关键词 (words) 之一"
        )
    if len(words) > _WORDS or any(len(word) < 2 for word in words):
        raise BadRequest("bad_words", f"关键词最多 {_WORDS} 个, 每个至少两个字")
    return doubtful(data.infno, data.edition, data.category, words)


def _title(article: Article) -> str:
    return str((article.live or article.facts)["title"])
