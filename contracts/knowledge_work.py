"""What staff and the system itself wish of articles (知识条目)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Command, Key
from contracts.knowledge import ArticleContent, Doubt, Source, Usage, Verdict

Why = Annotated[str, Field(max_length=500)]
Because = Annotated[str, Field(min_length=2, max_length=500)]


class ArticleCommand(Command):
    """`expected_version` refuses the command when somebody was faster, 0 where the article should be new."""

    article_id: UUID
    expected_version: Annotated[int, Field(ge=0)] | None = None
    why: Why = ""


class WriteArticle(ArticleCommand):
    """Begin an article, or give it new content. `sources` are added to those that it has."""

    type: Literal["knowledge.command.write"] = "knowledge.command.write"
    content: ArticleContent
    sources: Annotated[tuple[Source, ...], Field(max_length=20)] = ()


class SubmitArticle(ArticleCommand):
    type: Literal["knowledge.command.submit"] = "knowledge.command.submit"


class ReturnArticle(ArticleCommand):
    type: Literal["knowledge.command.return"] = "knowledge.command.return"
    why: Because


class PublishArticle(ArticleCommand):
    """`review_at` is when it has to be reviewed; without it half a year later."""

    type: Literal["knowledge.command.publish"] = "knowledge.command.publish"
    review_at: AwareDatetime | None = None


class QuestionArticle(ArticleCommand):
    type: Literal["knowledge.command.question"] = "knowledge.command.question"
    doubt: Doubt = "staff"
    why: Because


class ConfirmArticle(ArticleCommand):
    type: Literal["knowledge.command.confirm"] = "knowledge.command.confirm"
    review_at: AwareDatetime | None = None


class RetireArticle(ArticleCommand):
    type: Literal["knowledge.command.retire"] = "knowledge.command.retire"
    why: Because


class OwnArticle(ArticleCommand):
    type: Literal["knowledge.command.own"] = "knowledge.command.own"
    owner: Key


class MergeArticle(ArticleCommand):
    """It becomes part of `into`."""

    type: Literal["knowledge.command.merge"] = "knowledge.command.merge"
    into: UUID


class ProposeMerge(ArticleCommand):
    """The system's own: a draft says nearly what `like` says."""

    type: Literal["knowledge.command.propose"] = "knowledge.command.propose"
    like: UUID
    likeness: Annotated[float, Field(ge=0, le=1)]


class KeepArticleApart(ArticleCommand):
    """It is not what the proposal took it for: a draft of its own."""

    type: Literal["knowledge.command.keep_apart"] = "knowledge.command.keep_apart"


class AbsorbArticle(ArticleCommand):
    """The system's own: `absorbed` has become part of this one."""

    type: Literal["knowledge.command.absorb"] = "knowledge.command.absorb"
    absorbed: UUID
    sources: tuple[Source, ...] = ()
    usage: Usage = Usage()


class JudgeArticle(ArticleCommand):
    """The system's own: what became of a suggestion; `before` is the verdict that this one takes the place of."""

    type: Literal["knowledge.command.judge"] = "knowledge.command.judge"
    verdict: Verdict
    before: Verdict | None = None
    case_id: UUID


class RateArticle(ArticleCommand):
    """One vote per reader; a later one takes its place. `reader` tells readers apart, not who they are."""

    type: Literal["knowledge.command.rate"] = "knowledge.command.rate"
    helpful: bool
    reader: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


class CountViews(ArticleCommand):
    """The system's own: how often it was opened in a while."""

    type: Literal["knowledge.command.count"] = "knowledge.command.count"
    views: Annotated[int, Field(ge=1, le=1_000_000)]
