"""From the index's hits and the database's articles to what suggestions are chosen from."""

from typing import Final, Protocol

from chassis.chinese import normalise
from chassis.position import Position
from chassis.store import Document
from contracts.case import Findings
from contracts.envelope import trusted
from services.knowledge.articles.model import Article
from services.knowledge.search.model import Entry, Filters, Hit
from services.knowledge.suggestions.model import Asked, error_key
from services.knowledge.suggestions.ranking import Candidate

HITS, OF_SAME_INFNO = 16, 10
_TEXT = 600
MEANT: Final = "意思相近"
"""What the index gives as the reason of a hit that was found by meaning."""
_SIMILAR_CASES = ("draft", "proposed", "in_review", "merged")


class Likes(Protocol):
    """The index, as suggestions use it. Blocking."""

    @property
    def position(self) -> Position: ...

    def like(self, text: str, findings: Findings | None, filters: Filters, limit: int) -> list[Hit]: ...


def candidates(index: Likes, asked: Asked, filters: Filters) -> list[Candidate]:
    """What the index finds for one case: half of it among what is about the same transaction. Blocking."""
    findings = _findings(asked)
    if not asked.infno:
        return [_of_entry(hit) for hit in index.like(asked.text, findings, filters, HITS)]
    same = index.like(asked.text, findings, filters._replace(infno=asked.infno), OF_SAME_INFNO)
    others = index.like(asked.text, findings, filters, HITS - OF_SAME_INFNO)
    return [_of_entry(hit) for hit in {hit.entry.article_id: hit for hit in (*others, *same)}.values()]


def _findings(asked: Asked) -> Findings:
    """As the case's events gave them; the institution is compared when ranking, so that an outage is one look-up."""
    return trusted(Findings, {"infno": asked.infno, "error": asked.error, "error_code": asked.error_code})


def _of_entry(hit: Hit) -> Candidate:
    entry: Entry = hit.entry
    found = entry.findings
    return Candidate(
        entry.article_id, entry.number, entry.title, _text(entry.title, entry.question, entry.symptoms), entry.category,
        found.institution_code, found.infno, error_key(found.error, found.error_code), entry.live, entry.usage,
        hit.score, MEANT in hit.why, entry.case_id != entry.article_id,
    )  # fmt: skip


def of_article(document: Document[Article]) -> Candidate | None:
    """As readers see it; None for what is no longer there for anybody."""
    article = document.state
    assert article is not None
    live = article.live_revision > 0
    if not live and article.state not in _SIMILAR_CASES:
        return None
    content = article.shown if live else article.content
    assert content is not None
    found = content.findings
    return Candidate(
        document.id, article.number, content.title, _text(content.title, content.question, content.symptoms),
        content.category, found.institution_code, found.infno, error_key(found.error, found.error_code), live,
        article.counts, from_case=article.case_id is not None,
    )  # fmt: skip


def _text(*parts: str) -> str:
    return normalise("\n".join(parts)[:_TEXT])
