"""What `knowledge` says about articles (知识条目). All texts are masked."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.case import Category, Findings
from contracts.envelope import Contract, Event, Key

ArticleKind = Literal["solution", "guide", "policy"]
"""解决方案 (born from a case), 培训材料, 政策文件."""
ArticleState = Literal["draft", "proposed", "in_review", "published", "needs_review", "retired", "merged"]
"""草稿, 待合并, 审核中, 已发布, 待复核, 已停用, 已合并. `proposed` is likely the same as another article."""
Audience = Annotated[str, Field(pattern=r"^(engineers|centre|hospitals|hospital:[A-Za-z0-9]{1,40})$")]
"""Who may read it: the desk's engineers; besides them the centre; besides these all hospitals; or, of a hospital's own
archive (专属档案), the engineers and that hospital."""
Doubt = Literal["date", "interface", "policy", "votes", "case", "staff"]
"""Why a published article has to be reviewed: its date came, the interface or a policy changed, readers were not
helped, its case was solved in another way, somebody said so."""
Verdict = Literal["accepted", "rejected", "edited"]
Short = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=20_000)]


class Source(Contract):
    """Where an article's knowledge comes from: a case by id and number, or a document by SHA-256 and file name."""

    kind: Literal["case", "document"]
    id: Key
    label: Short = ""


class ArticleContent(Contract):
    """What an article says. `answer` are the steps (处理步骤); an imported document has all of its text there.

    `edition` is the province's edition of the platform (省平台版本), `institution_type` the kind of institution that it
    applies to; empty is any.
    """

    title: str
    question: str
    answer: str
    category: Category
    findings: Findings = Findings()
    kind: ArticleKind = "solution"
    symptoms: Long = ""
    cause: Long = ""
    institution_type: Short = ""
    edition: Short = ""
    keywords: Annotated[tuple[Short, ...], Field(max_length=50)] = ()
    audience: Audience = "engineers"


class Usage(Contract):
    """How often an article was suggested to good and no effect, voted for, and opened."""

    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    helpful: int = 0
    unhelpful: int = 0
    views: int = 0


class ArticleEvent(ArticleContent, Event):
    """The whole article after this event, so that an index needs nothing else. Its own content is the latest one,
    number `revision`. Readers see revision `live_revision` (0: none yet): `live` where that is another one.

    `case_id` is the case that it was born from, and its own id where there is none. `owner` keeps it true.
    """

    article_id: UUID
    case_id: UUID
    number: str
    state: ArticleState = "published"
    revision: int = 1
    live_revision: int = 0
    live: ArticleContent | None = None
    owner: str = ""
    review_at: AwareDatetime | None = None
    sources: tuple[Source, ...] = ()
    usage: Usage = Usage()
    why: str = ""


class ArticleDrafted(ArticleEvent):
    """A resolved case, a document or somebody began an article (已起草)."""

    type: Literal["knowledge.drafted"] = "knowledge.drafted"


class ArticleProposed(ArticleEvent):
    """A resolved case says nearly what `like` says: to be merged, or kept apart (建议合并)."""

    type: Literal["knowledge.proposed"] = "knowledge.proposed"
    like: UUID
    likeness: Annotated[float, Field(ge=0, le=1)]


class ArticleRevised(ArticleEvent):
    """It has new content (已修订); readers see it once that is published."""

    type: Literal["knowledge.revised"] = "knowledge.revised"


class ArticleSubmitted(ArticleEvent):
    """Somebody else is to review it (已送审)."""

    type: Literal["knowledge.submitted"] = "knowledge.submitted"


class ArticleReturned(ArticleEvent):
    """The reviewer wants it changed (已退回)."""

    type: Literal["knowledge.returned"] = "knowledge.returned"


class ArticlePublished(ArticleEvent):
    """Its latest content is what its audience reads from now on (已发布)."""

    type: Literal["knowledge.published"] = "knowledge.published"


class ArticleQuestioned(ArticleEvent):
    """It may not be right any more (待复核)."""

    type: Literal["knowledge.questioned"] = "knowledge.questioned"
    doubt: Doubt


class ArticleConfirmed(ArticleEvent):
    """Reviewed and still right (复核通过)."""

    type: Literal["knowledge.confirmed"] = "knowledge.confirmed"


class ArticleRetired(ArticleEvent):
    """Nobody reads it any more (已停用)."""

    type: Literal["knowledge.retired"] = "knowledge.retired"


class ArticleMerged(ArticleEvent):
    """It has become part of `into` (已合并)."""

    type: Literal["knowledge.merged"] = "knowledge.merged"
    into: UUID


class ArticleAbsorbed(ArticleEvent):
    """Another one, `absorbed`, has become part of it: its sources count here (已并入)."""

    type: Literal["knowledge.absorbed"] = "knowledge.absorbed"
    absorbed: UUID


class ArticleOwned(ArticleEvent):
    """Somebody else keeps it true from now on (更换负责人)."""

    type: Literal["knowledge.owned"] = "knowledge.owned"


class ArticleJudged(ArticleEvent):
    """It was suggested for a case, and somebody said whether it helped (采纳情况)."""

    type: Literal["knowledge.judged"] = "knowledge.judged"
    verdict: Verdict
    judged_for: UUID


class ArticleRated(ArticleEvent):
    """A reader says whether it helped (评价)."""

    type: Literal["knowledge.rated"] = "knowledge.rated"
    helpful: bool


class ArticleViewed(ArticleEvent):
    """It was opened `views` times since the last event of this kind (阅读)."""

    type: Literal["knowledge.viewed"] = "knowledge.viewed"
    views: int
