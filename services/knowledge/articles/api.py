"""All that is read of articles over HTTP: lists, one, counts, versions. What becomes of them is in `work_api`."""

import asyncio
from typing import Annotated, Any

from litestar import Controller, get
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import WITH_HOSPITALS
from chassis.asking import AnyRequest
from chassis.errors import NotFound
from chassis.http import now
from contracts.case import Category
from contracts.knowledge import ArticleKind, ArticleState
from services.knowledge.articles import duty
from services.knowledge.articles.asking import articles_of, find
from services.knowledge.articles.queries import GONE, NEWEST, NEWEST_LIVE, Wanted, listed, read_by
from services.knowledge.articles.shown import line, shown
from services.knowledge.articles.versions import differences, versions
from services.knowledge.articles.views import Views
from services.knowledge.audience import INSIDE, viewer_of

Json = dict[str, Any]
Offset = Annotated[int, Parameter(ge=0, le=100_000)]


class ArticleController(Controller):
    """Articles (知识条目). `reference` is an article's id or its number, for one born from a case the case's."""

    path = "/articles"
    tags = ("articles",)

    @get(roles=WITH_HOSPITALS, summary="知识条目列表")
    async def list_articles(
        self, state: State, request: AnyRequest,
        status: Annotated[list[ArticleState] | None, Parameter(query="state")] = None, owner: str | None = None,
        category: Category | None = None, kind: ArticleKind | None = None, audience: str | None = None,
        due: bool = False, limit: Annotated[int, Parameter(ge=1, le=200)] = 50, offset: Offset = 0,
    ) -> Json:  # fmt: skip
        """The newest first. `state`, `owner` and `due` (review is due, or in doubt) count for engineers only."""
        viewer = viewer_of(request)
        wanted = Wanted(status or (), owner, category, kind, audience, now() if due else None)
        newest = NEWEST if viewer.is_engineer else NEWEST_LIVE
        total, found = await articles_of(state).page(listed(viewer, wanted), newest, limit, offset)
        return {"total": total, "articles": [line(d.id, d.version, d.state, viewer) for d in found if d.state]}

    @get("/counts", roles=WITH_HOSPITALS, summary="知识条目计数")
    async def counts(self, state: State, request: AnyRequest) -> Json:
        """What this reader may read, by category and kind; `by_state` for engineers only, with what is gone."""
        viewer, articles = viewer_of(request), articles_of(state)
        if not viewer.is_engineer:
            by_category, by_kind = await articles.count(read_by(viewer), "state.live.category", "state.live.kind")
            return _counted(by_category, by_kind)
        [by_state] = await articles.count({}, "state.state", hint="by_state")
        fields = ("state.state", "state.facts.category", "state.facts.kind")
        _, by_category, by_kind = await articles.count({}, *fields, hint="shelf", but=GONE)
        return {**_counted(by_category, by_kind), "by_state": by_state}

    @get("/review", roles=INSIDE, summary="本季度知识复核进度")
    async def review(self, state: State) -> Json:
        """How many reviews of the quarter are done, of how many, and who still has some: as the duty is told."""
        quarter = duty.quarter_of(now())
        done, of = await duty.figures(articles_of(state), quarter)
        [owners] = await articles_of(state).count(duty.waiting(quarter), "state.owner")
        return {"period": quarter.key, "done": done, "of": of, "waiting_by_owner": owners}

    @get("/{reference:str}", roles=WITH_HOSPITALS, summary="一条知识")
    async def read_article(self, state: State, request: AnyRequest, reference: str) -> Json:
        """As this reader sees it; engineers also get its draft, owner, sources and whether it may be a duplicate.
        Counts as a view of what is published, of engineers as well."""
        viewer = viewer_of(request)
        found = await find(state, reference, viewer)
        assert found.state is not None
        if found.state.live is not None:
            views: Views = state.service.state["views"]
            views.add(found.id)
        return shown(found.id, found.version, found.state, viewer)

    @get("/{reference:str}/versions", roles=INSIDE, summary="知识条目的历次版本")
    async def list_versions(self, state: State, request: AnyRequest, reference: str) -> Json:
        """Every revision, the latest first: who wrote it when and why, and what became of it."""
        found = await _versions(state, request, reference)
        return {"versions": [{k: v for k, v in one.items() if k != "content"} for one in reversed(found)]}

    @get("/{reference:str}/versions/{revision:int}", roles=INSIDE, summary="知识条目的某一版")
    async def read_version(self, state: State, request: AnyRequest, reference: str, revision: int) -> Json:
        return _one(await _versions(state, request, reference), revision)

    @get("/{reference:str}/versions/{old:int}/diff/{new:int}", roles=INSIDE, summary="比较两个版本")
    async def compare(self, state: State, request: AnyRequest, reference: str, old: int, new: int) -> Json:
        """The fields that differ. Of a text `marks`: `same` and `removed` are the old, `same` and `added` the new."""
        found = await _versions(state, request, reference)
        a, b = _one(found, old)["content"], _one(found, new)["content"]
        return {"old": old, "new": new, "fields": await asyncio.to_thread(differences, a, b)}


def _counted(by_category: Json, by_kind: Json) -> Json:
    return {"total": sum(by_kind.values()), "by_category": by_category, "by_kind": by_kind}


async def _versions(state: State, request: AnyRequest, reference: str) -> list[Json]:
    found = await find(state, reference, viewer_of(request))
    return versions(await articles_of(state).history(found.id) or [])


def _one(found: list[Json], revision: int) -> Json:
    for one in found:
        if one["revision"] == revision:
            return one
    raise NotFound("not_found", f"没有第 {revision} 版: 现有 {len(found)} 版, 请刷新后再试")
