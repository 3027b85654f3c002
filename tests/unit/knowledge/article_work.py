"""Articles in the tests of knowledge, driven as the loop drives them, and the commands that staff send."""

from typing import Any
from uuid import UUID

from chassis.message import Message
from contracts.case import CaseResolved
from contracts.envelope import Actor, derive_id
from contracts.knowledge_work import ArticleCommand, PublishArticle, SubmitArticle, WriteArticle
from services.knowledge.articles.fold import fold
from services.knowledge.articles.model import Article, article_id_of
from tests.chassis.folding import Folder
from tests.support.make import NOON

A, B, C = (derive_id("article", "test", n) for n in range(3))
LI, WANG = "li", "wang"
CONTENT: dict[str, Any] = {
    "title": "门诊结算失败", "question": "门诊结算时 2207 报错超时", "answer": "用 2601 冲正后重新结算",
    "category": "结算支付",
}  # fmt: skip


def shelf() -> Folder[Article]:
    def locate(_: Folder[Article], message: Message) -> UUID:
        body = message.body
        if isinstance(body, CaseResolved):
            return article_id_of(body.case_id)
        assert isinstance(body, ArticleCommand)
        return body.article_id

    return Folder(fold, locate)


def wish(type_: type[ArticleCommand], by: str = LI, id_: UUID = A, n: object = 0, **facts: Any) -> ArticleCommand:
    """The `n`-th command of this kind: the same n is the same command."""
    about = {"id": derive_id("wish", type_.__name__, by, id_, n), "occurred_at": NOON, "article_id": id_}
    return type_.model_validate({**about, "actor": Actor(kind="staff", id=by), **facts})


def write(by: str = LI, id_: UUID = A, n: object = 0, **facts: Any) -> ArticleCommand:
    more = {key: facts.pop(key) for key in ("expected_version", "why", "sources") if key in facts}
    return wish(WriteArticle, by, id_, n, content={**CONTENT, **facts}, **more)


def published(folder: Folder[Article], id_: UUID = A, n: object = 0, **facts: Any) -> Article:
    """Written by li, published by wang."""
    folder.hear(
        write(id_=id_, n=n, **facts), wish(SubmitArticle, id_=id_, n=n), wish(PublishArticle, WANG, id_=id_, n=n)
    )
    return folder.states[id_]
