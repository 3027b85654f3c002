"""A hit as it is shown, and what is said where there is none. Pure."""

from typing import Any

from services.knowledge.audience import Viewer
from services.knowledge.search.model import Hit, Query
from services.knowledge.search.schema import told
from services.knowledge.search.snippet import snippet, spans

Json = dict[str, Any]
_LONGEST = 30


def shown(hit: Hit, words: list[str], viewer: Viewer) -> Json:
    """Where its case came from, and that it is being changed, is told to engineers only."""
    entry = hit.entry
    names = ("answer", "question", "symptoms", "cause")
    parts = {name: snippet(getattr(entry, name), words) for name in names}
    where = max(parts, key=lambda name: sum(b - a for a, b in parts[name].marks))
    body: Json = {
        "article_id": str(entry.article_id),
        "number": entry.number,
        "title": entry.title,
        "title_marks": spans(entry.title, words),
        "category": entry.category,
        "kind": entry.kind,
        "edition": entry.edition,
        "institution_type": entry.institution_type,
        "state": entry.state if viewer.is_engineer else told(entry),
        "similar_case": entry.is_case,
        "revision": entry.revision,
        "score": round(hit.score, 3),
        "why": list(hit.why),
        "found_in": where,
        "snippet": parts[where].text,
        "marks": parts[where].marks,
        "updated_at": entry.updated_at.isoformat(),
    }
    if not viewer.is_engineer:
        return body
    sources = [{"kind": s.kind, "id": s.id, "label": s.label} for s in entry.sources]
    return {**body, "case_id": str(entry.case_id), "audience": entry.audience, "sources": sources}


def no_hits(query: Query, meant: str | None, anything: bool) -> str:
    """What to do next, in Chinese."""
    if not anything:
        more = "工单标记为已解决后会自动生成草稿" if query.filters.viewer.is_engineer else "请联系服务台"
        return f"知识库还没有您可以查看的条目: {more}"
    narrowed = any(value for name, value in query.filters._asdict().items() if name != "viewer")
    if not query.text:
        return "没有符合这些筛选条件的条目: 请减少筛选条件"
    text = query.text if len(query.text) <= _LONGEST else query.text[: _LONGEST - 1] + "…"
    ways = [f"您是不是要找「{meant}」" if meant else "请换个说法, 或只输入交易编号、错误码或关键词"]
    ways += ["也可减少筛选条件"] if narrowed else []
    return f"没有找到与「{text}」有关的条目: {'; '.join(ways)}"
