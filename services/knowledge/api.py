"""All HTTP of knowledge: search, the article behind a hit, and how many there are."""

import asyncio
from typing import Any, get_args

import msgspec
from litestar import Controller, get
from litestar.datastructures import State

from chassis.errors import NotFound, Refused
from contracts.case import Category
from services.knowledge import metrics
from services.knowledge.index import ArticleIndex, Hit
from services.knowledge.snippet import snippet
from services.knowledge.store import Articles

Json = dict[str, Any]
MOST = 100
_CATEGORIES: tuple[str, ...] = get_args(Category)


class BadQuestion(Refused):
    status = 400


@get("/search", tags=["knowledge"], summary="检索知识")
async def search(index: ArticleIndex, q: str = "", category: str | None = None, limit: int = 10) -> Json:
    """The best articles for `q`, or the latest ones when it is empty. `marks` are the matched parts of `snippet`."""
    if category and category not in _CATEGORIES:
        raise BadQuestion("unknown_category", f"没有类别 {category[:50]}: 请从 {', '.join(_CATEGORIES)} 中选择")
    with metrics.SEARCH.time():
        hits = await asyncio.to_thread(_find, index, q.strip(), category or None, max(1, min(limit, MOST)))
    return {"query": q, "hits": hits, "message": "" if hits else _nothing(q.strip(), len(index))}


class ArticleController(Controller):
    """Articles (知识条目). `reference` is an article's id or its case's number."""

    path = "/articles"
    tags = ("knowledge",)

    @get("/counts", summary="知识条目计数")
    async def counts(self, state: State) -> Json:
        """Articles by category, and in all."""
        table = await Articles(state.service.db).by_category()
        return {"total": sum(table.values()), "by_category": table}

    @get("/{reference:str}", summary="一条知识")
    async def read_article(self, state: State, reference: str) -> Json:
        """The whole article."""
        found = await Articles(state.service.db).find(reference)
        if found is None:
            raise NotFound("not_found", f"没有知识条目 {reference[:50]}: 请核对编号, 或重新检索")
        assert found.state is not None
        body: Json = msgspec.to_builtins(found.state)
        return {"id": str(found.id), "version": found.version, **body}


def _find(index: ArticleIndex, text: str, category: str | None, limit: int) -> list[Json]:
    words, hits = index.search(text, category, limit) if text else ([], index.latest(category, limit))
    return [_shown(hit, words) for hit in hits]


def _shown(hit: Hit, words: list[str]) -> Json:
    entry = hit.entry
    parts = {"answer": snippet(entry.answer, words), "question": snippet(entry.question, words)}
    where = max(parts, key=lambda name: sum(b - a for a, b in parts[name].marks))
    return {
        "article_id": str(entry.article_id),
        "case_id": str(entry.case_id),
        "number": entry.number,
        "title": entry.title,
        "category": entry.category,
        "score": round(hit.score, 3),
        "found_in": where,
        "snippet": parts[where].text,
        "marks": parts[where].marks,
        "resolved_at": entry.resolved_at.isoformat(),
    }


def _nothing(text: str, articles: int) -> str:
    if not articles:
        return "知识库还没有条目: 工单标记为已解决后会自动入库"
    if not text:
        return "这个类别还没有条目: 请换一个类别"
    shown = text if len(text) <= 30 else text[:29] + "…"
    return f"没有找到与「{shown}」有关的条目: 请换个说法, 或只输入交易编号、错误码或关键词"
