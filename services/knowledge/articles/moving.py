"""An article on its way: submitted, returned, published, questioned, confirmed, retired. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from chassis.personal.masking import mask_reply
from contracts import knowledge as said
from contracts import knowledge_work as wish
from services.knowledge.articles.merging import question_onward
from services.knowledge.articles.model import READABLE, STATES, Article, reviewed
from services.knowledge.articles.saying import Folded, say

REVIEW_AFTER: Final = timedelta(days=182)


def _submit(article: Article, moment: Moment, command: wish.SubmitArticle) -> Folded:
    """Who submits what nobody owns has it from now on."""
    _only(article, "draft", "送审")
    by = moment.message.actor
    owner = article.owner or (by.id if by.kind == "staff" else "")
    submitted = replace(article, state="in_review", owner=owner, why=mask_reply(command.why))
    return say(submitted, moment, said.ArticleSubmitted)


def _return(article: Article, moment: Moment, command: wish.ReturnArticle) -> Folded:
    _only(article, "in_review", "退回")
    return say(replace(article, state="draft", why=mask_reply(command.why)), moment, said.ArticleReturned)


def _publish(article: Article, moment: Moment, command: wish.PublishArticle) -> Folded:
    """By somebody else than who wrote it."""
    _only(article, "in_review", "发布")
    if moment.message.actor.id == article.revised_by:
        raise Refused("own_work", "不能发布自己编写的条目: 请由另一位同事审核后发布")
    review_at = _review_at(command.review_at, moment)
    published = replace(
        reviewed(article, moment.now), state="published", live=article.facts, live_revision=article.revision,
        published_at=moment.now, review_at=review_at, why=mask_reply(command.why),
    )  # fmt: skip
    return say(published, moment, said.ArticlePublished)


def _question(article: Article, moment: Moment, command: wish.QuestionArticle) -> Folded:
    """What is in doubt already stays so, and what nobody reads is in no doubt of the system's own."""
    if article.state == "merged" and command.cause_id is not None:
        return article, question_onward(article, moment, command.doubt, mask_reply(command.why))
    if article.questioned_at is None and not (article.live_revision or _is_system(command)):
        raise wrong(article, "提请复核", STATES["published"])
    return question(article, moment, command.doubt, mask_reply(command.why))


def _is_system(command: wish.ArticleCommand) -> bool:
    return command.cause_id is not None or command.actor.kind == "system"


def question(article: Article, moment: Moment, doubt: said.Doubt, why: str) -> Folded:
    """What readers see may not be right any more, and nobody has said so yet. One that is being revised stays where it
    is in that, for the revision may never come."""
    if article.questioned_at is not None or not article.live_revision:
        return article, []
    state = "needs_review" if article.state == "published" else article.state
    questioned = replace(article, state=state, doubt=doubt, why=why, questioned_at=moment.now)
    return say(questioned, moment, said.ArticleQuestioned, doubt=doubt)


def _confirm(article: Article, moment: Moment, command: wish.ConfirmArticle) -> Folded:
    if article.state not in READABLE:
        raise wrong(article, "确认仍有效", "已发布或待复核")
    review_at = _review_at(command.review_at, moment)
    sure = replace(reviewed(article, moment.now), state="published", review_at=review_at, why=mask_reply(command.why))
    return say(sure, moment, said.ArticleConfirmed)


def _retire(article: Article, moment: Moment, command: wish.RetireArticle) -> Folded:
    if article.state in ("retired", "merged"):
        raise wrong(article, "停用", "其他状态")
    retired = replace(
        reviewed(article, moment.now), state="retired", live=None, live_revision=0, review_at=None,
        why=mask_reply(command.why),
    )  # fmt: skip
    return say(retired, moment, said.ArticleRetired)


def _own(article: Article, moment: Moment, command: wish.OwnArticle) -> Folded:
    if command.owner == article.owner:
        return article, []
    return say(replace(article, owner=command.owner), moment, said.ArticleOwned, why=mask_reply(command.why))


HANDLERS: Final[dict[type[wish.ArticleCommand], Callable[[Article, Moment, Any], Folded]]] = {
    wish.SubmitArticle: _submit, wish.ReturnArticle: _return, wish.PublishArticle: _publish,
    wish.QuestionArticle: _question, wish.ConfirmArticle: _confirm, wish.RetireArticle: _retire,
    wish.OwnArticle: _own,
}  # fmt: skip


def _review_at(wished: datetime | None, moment: Moment) -> datetime:
    if wished is not None and wished <= moment.message.occurred_at:
        raise Refused("past_date", "下次复核日期已经过去: 请填写今后的日期")
    return wished or moment.now + REVIEW_AFTER


def _only(article: Article, state: said.ArticleState, what: str) -> None:
    if article.state != state:
        raise wrong(article, what, STATES[state])


def wrong(article: Article, what: str, needed: str) -> Refused:
    return Refused("wrong_state", f"条目现为{STATES[article.state]}, 不能{what}: 需为{needed}, 请刷新后再试")
