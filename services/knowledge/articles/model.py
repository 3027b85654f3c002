"""An article (知识条目) as knowledge keeps it: its latest content, what readers see, and where it stands. Pure."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from chassis.personal.masking import mask_reply
from contracts.envelope import derive_id
from contracts.knowledge import ArticleContent, ArticleState, Source, Usage

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
STATES: Final[dict[ArticleState, str]] = {
    "draft": "草稿", "proposed": "待合并", "in_review": "审核中", "published": "已发布", "needs_review": "待复核",
    "retired": "已停用", "merged": "已合并",
}  # fmt: skip
READABLE: Final = ("published", "needs_review")
MOST_SOURCES: Final = 50
TEXTS: Final = ("title", "question", "answer", "symptoms", "cause", "institution_type", "edition")


class Origin(msgspec.Struct, frozen=True):
    """See `contracts.knowledge.Source`."""

    kind: str
    id: str
    label: str = ""


class Counts(msgspec.Struct, frozen=True):
    """See `contracts.knowledge.Usage`."""

    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    helpful: int = 0
    unhelpful: int = 0
    views: int = 0


class Article(msgspec.Struct, frozen=True):
    """`facts` and `live` are an `ArticleContent` as JSON. `case_version` is the case's version at the resolution that
    was heard last; `by_hand` says that somebody has written since the article was born from it.

    `complaints` are the readers whom it has not helped since it was last reviewed, `voters` what each reader said.
    `settled` is its version when it was last more than counted: who has seen that one may go on with it. `told` are
    the counts that were said last, which may be behind; `spent` is about how many bytes its document has.
    `questioned_at` is since when it needs a review; `reviewed_at` when it was last reviewed, which had been due at
    `reviewed_due`. `absorbed` became part of it, from `apart` somebody has kept it apart.
    """

    number: str
    state: ArticleState
    facts: dict[str, Any]
    revision: int
    revised_by: str
    revised_at: datetime
    case_id: UUID | None = None
    case_version: int = 0
    by_hand: bool = False
    live: dict[str, Any] | None = None
    live_revision: int = 0
    published_at: datetime | None = None
    owner: str = ""
    review_at: datetime | None = None
    doubt: str = ""
    why: str = ""
    sources: tuple[Origin, ...] = ()
    like: UUID | None = None
    likeness: float = 0.0
    merged_into: UUID | None = None
    counts: Counts = Counts()
    complaints: int = 0
    voters: dict[str, bool] = {}
    settled: int = 0
    told: Counts = Counts()
    spent: int = 0
    questioned_at: datetime | None = None
    reviewed_at: datetime | None = None
    reviewed_due: datetime | None = None
    absorbed: tuple[UUID, ...] = ()
    apart: tuple[UUID, ...] = ()

    @property
    def content(self) -> ArticleContent:
        return ArticleContent.model_validate(self.facts)

    @property
    def shown(self) -> ArticleContent | None:
        """What readers see; None when there is nothing for them."""
        return None if self.live is None else ArticleContent.model_validate(self.live)


def article_id_of(case_id: UUID) -> UUID:
    """A case has one article, however often it is resolved."""
    return derive_id("article", case_id)


def number_of(article_id: UUID) -> str:
    """What staff quote of an article that was not born from a case: ten characters of its id."""
    bits = article_id.int >> 78
    text = "".join(_ALPHABET[(bits >> shift) & 31] for shift in range(45, -1, -5))
    return f"ZS-{text[:5]}-{text[5:]}"


def clean(content: ArticleContent) -> dict[str, Any]:
    """The content without personal data; the desk's offices and hotlines stay. As JSON."""
    facts = content.model_dump(mode="json")
    facts |= {name: mask_reply(facts[name]) for name in TEXTS}
    facts["keywords"] = [mask_reply(word) for word in facts["keywords"]]
    facts["findings"]["error"] = error if (error := facts["findings"]["error"]) is None else mask_reply(error)
    return facts


def cleaned(content: ArticleContent) -> ArticleContent:
    """The same as content."""
    return ArticleContent.model_validate(clean(content))


def origins(sources: tuple[Source, ...], known: tuple[Origin, ...] = ()) -> tuple[Origin, ...]:
    """`known` and those of `sources` that are new; of very many the documents and the latest cases, for every event
    carries them."""
    new = (Origin(s.kind, s.id, mask_reply(s.label)) for s in sources)
    every = list({(o.kind, o.id): o for o in (*new, *known)}.values())
    every.sort(key=lambda o: len(every) > MOST_SOURCES and o.kind != "document")
    return tuple(every[:MOST_SOURCES])


def usage_of(counts: Counts) -> Usage:
    return Usage(**msgspec.structs.asdict(counts))


def reviewed(article: Article, now: datetime) -> Article:
    """Nothing is in doubt any more. What readers have not seen before was not reviewed, but written."""
    clear = replace(article, doubt="", complaints=0, questioned_at=None)
    if not article.live_revision:
        return clear
    due = [at for at in (article.questioned_at, article.review_at) if at is not None]
    return replace(clear, reviewed_at=now, reviewed_due=min(due, default=None))
