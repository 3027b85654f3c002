"""All HTTP of the search: hits, what a beginning may become, and the state of the index."""

import asyncio
from typing import Annotated, Any

from litestar import Controller, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import OPERATORS, WITH_HOSPITALS
from chassis.asking import AnyRequest
from contracts.case import Category
from contracts.knowledge import ArticleKind, ArticleState
from services.knowledge import metrics
from services.knowledge.audience import INSIDE, viewer_of
from services.knowledge.search.feed import Feed
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters, Found, Query
from services.knowledge.search.shown import no_hits, shown

Json = dict[str, Any]
LONGEST = 10_000
Code = Annotated[str | None, Parameter(max_length=200)]
Offset = Annotated[int, Parameter(ge=0, le=10_000)]


class SearchController(Controller):
    """Search (检索). Who asks only ever hears of what they may read."""

    path = "/search"
    tags = ("search",)

    @get(roles=WITH_HOSPITALS, summary="检索知识")
    async def search(
        self, state: State, request: AnyRequest, q: str = "", category: Category | None = None, infno: Code = None,
        error: Code = None, institution: Code = None, edition: Code = None, kind: ArticleKind | None = None,
        status: Annotated[ArticleState | None, Parameter(query="state")] = None,
        limit: Annotated[int, Parameter(ge=1, le=100)] = 10, offset: Offset = 0,
    ) -> Json:  # fmt: skip
        """The best articles for `q`, or the latest ones when it is empty: `total` of them, one page in `hits`. `marks`
        are the matched parts of `snippet`, `title_marks` those of `title`; `why` says what brought it here.
        """
        viewer = viewer_of(request)
        institution = institution if viewer.is_engineer else None  # whose case it was is not the readers' matter
        filters = Filters(viewer, category, infno, error, institution, status, kind, edition)
        query = Query(q.strip()[:LONGEST], filters, limit, offset)
        with metrics.SEARCH.time():
            return await asyncio.to_thread(_found, _index(state), query)

    @get("/suggest", roles=WITH_HOSPITALS, summary="输入时的检索提示")
    async def complete(
        self, state: State, request: AnyRequest, q: str = "", limit: Annotated[int, Parameter(ge=1, le=20)] = 8
    ) -> Json:
        """Articles whose title has what was typed so far, and terms that it may become."""
        filters = Filters(viewer_of(request))
        found = await asyncio.to_thread(_index(state).complete, q, filters, limit)
        titles = [{"article_id": str(e.article_id), "number": e.number, "title": e.title} for e in found.titles]
        return {"query": q, "titles": titles, "terms": found.terms}


class IndexController(Controller):
    """The index itself (索引), for engineers and whoever runs the system."""

    path = "/index"
    tags = ("search",)

    @get(roles=INSIDE | OPERATORS, summary="索引状态")
    async def read_index(self, state: State) -> Json:
        """How far it has read the stream, and how far a rebuild is: `done` of `of` messages, how many a second."""
        feed: Feed = state.service.state["feed"]
        return {**feed.told(), "articles": await asyncio.to_thread(len, _index(state))}

    @post("/rebuild", roles=OPERATORS, summary="重建索引", status_code=202)
    async def rebuild(self, state: State) -> Json:
        """Build it anew from the stream; the present one answers until the new one takes its place."""
        feed: Feed = state.service.state["feed"]
        feed.rebuild()
        return feed.told()

    @get("/check", roles=INSIDE | OPERATORS, summary="核对索引与数据库")
    async def check(self, state: State) -> Json:
        """Whether the index shows every article as the database holds it; `missing`, `surplus` and `differing` are the
        first 20 ids of each kind that it does not."""
        compared = await state.service.state["comparison"].compare()
        return dict(compared._asdict())


def _index(state: State) -> ArticleIndex:
    index: ArticleIndex = state.service.state["index"]
    return index


def _found(index: ArticleIndex, query: Query) -> Json:
    """With pages beyond the last one, an empty page and the whole total."""
    found: Found = index.search(query)
    return {
        "query": query.text,
        "total": found.total,
        "hits": [shown(hit, found.words, query.filters.viewer) for hit in found.hits],
        "did_you_mean": found.did_you_mean,
        "message": "" if found.total else no_hits(query, found.did_you_mean, _any(index, query)),
    }


def _any(index: ArticleIndex, query: Query) -> bool:
    """Whether there is anything at all that this viewer may read."""
    return bool(index.search(Query("", Filters(query.filters.viewer), 1)).hits)
