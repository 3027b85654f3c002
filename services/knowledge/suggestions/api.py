"""HTTP of suggestions (知识推荐): what a case is offered, what staff make of it, and what is similar to it."""

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import DESK, WITH_HOSPITALS, principal_of
from chassis.asking import AnyRequest, stamp
from chassis.errors import NotFound
from chassis.http import carry_out
from chassis.rows import sees_case
from chassis.store import Document
from contracts.knowledge import Verdict
from contracts.suggestion import JudgeSuggestion
from services.knowledge.articles.store import Articles
from services.knowledge.audience import INSIDE, viewer_of
from services.knowledge.suggestions.lookup import Finder
from services.knowledge.suggestions.model import Advice, Offer, Reason, asked_of
from services.knowledge.suggestions.store import Suggestions

Json = dict[str, Any]
_REASONS: Final = {
    "error": "同一错误", "infno": "同一交易", "institution": "同一机构", "category": "同一类别", "words": "用词相近",
    "meaning": "意思相近", "accepted": "同一错误曾被采纳",
}  # fmt: skip
_NONE_YET = "暂时没有合适的知识或相似工单: 解决后本工单会自动成为知识草稿; 也可以直接检索知识库"
_NOT_ASKED = "本工单还没有可供检索的描述: 收到消息后会自动推荐"


class Judge(msgspec.Struct):
    """`article` is an id or a number."""

    article: str
    verdict: Verdict
    note: str = ""


class SuggestionController(Controller):
    """Suggestions (知识推荐). `reference` is a case's id or its number. Engineers only."""

    path = "/suggestions"
    tags = ("suggestions",)

    @get("/{reference:str}", roles=INSIDE, summary="一个工单的知识推荐")
    async def read_suggestions(self, state: State, reference: str) -> Json:
        """The best first, each with its reasons and what staff made of it; `message` says why there are none."""
        found = await _advised(state, reference)
        advice = found.state
        assert advice is not None
        articles = await _articles(state, [o.article_id for o in advice.offers])
        offers = [_shown(o, articles[o.article_id], advice) for o in advice.offers if _is_there(o, articles, advice)]
        return {
            "case_id": str(found.id),
            "number": advice.number,
            "title": advice.title,
            "version": found.version,
            "suggestions": offers,
            "verdicts": [{**msgspec.to_builtins(v), "article_id": str(v.article_id)} for v in advice.verdicts],
            "message": "" if offers else _NONE_YET if advice.text else _NOT_ASKED,
        }

    @post("/{reference:str}/judge", status_code=200, roles=DESK, summary="评价一条推荐")
    async def judge(self, state: State, request: AnyRequest, reference: str, data: Judge) -> Response[Json]:
        """Taken over as it is, taken over and changed, or not fitting; the last verdict counts. Also for articles that
        somebody found by searching."""
        found = await _advised(state, reference)
        if (article := await Articles(state.service.db).target(data.article)) is None:
            raise NotFound("not_found", f"没有知识条目 {data.article[:50]}: 请核对编号, 或重新检索")
        command = JudgeSuggestion(
            **stamp(request, "judge", found.id, article.id), case_id=found.id, article_id=article.id,
            verdict=data.verdict, note=data.note,
        )  # fmt: skip
        return await carry_out(state.service, command, f"/suggestions/{found.id}")


@get("/similar/{reference:str}", tags=["suggestions"], roles=WITH_HOSPITALS, summary="相似工单与知识")
async def similar(
    state: State, request: AnyRequest, reference: str, limit: Annotated[int, Parameter(ge=1, le=20)] = 8
) -> Json:
    """What came of earlier cases that are like this one; readers other than engineers see published articles only, and
    a hospital asks about its own cases only: the reasons tell what a case is about."""
    found = await _suggestions(state).find(reference)
    advice = None if found is None else found.state
    who = principal_of(request)
    if found is None or advice is None or not sees_case(who, advice.asked_from, advice.institution):
        raise _unknown(reference)
    finder: Finder = state.service.state["finder"]
    offers = await finder.similar(asked_of(found.id, advice), viewer_of(request), limit)
    return {
        "case_id": str(found.id),
        "number": advice.number,
        "similar": [_told(offer) for offer in offers],
        "message": "" if offers else "没有找到相似的工单或知识: 请补充交易编号、错误信息后再看, 或直接检索知识库",
    }


def _suggestions(state: State) -> Suggestions:
    suggestions: Suggestions = state.service.state["suggestions"]
    return suggestions


async def _advised(state: State, reference: str) -> Document[Advice]:
    """Raises NotFound."""
    if (found := await _suggestions(state).find(reference)) is None:
        raise _unknown(reference)
    return found


def _unknown(reference: str) -> NotFound:
    return NotFound("not_found", f"没有工单 {reference[:50]} 的推荐: 请核对编号, 新工单请稍候再试")


async def _articles(state: State, ids: list[UUID]) -> dict[UUID, Json]:
    """Where these articles stand now."""
    wanted = {"state.state": 1, "state.live_revision": 1, "state.merged_into": 1}
    cursor = Articles(state.service.db).collection.find({"_id": {"$in": ids}}, wanted)
    return {row["_id"]: row["state"] async for row in cursor}


def _is_there(offer: Offer, articles: dict[UUID, Json], advice: Advice) -> bool:
    """What was retired or withdrawn since it was suggested is not shown any more, nor what was merged into something
    that does not fit."""
    state = articles.get(offer.article_id, {"state": "retired"})
    if state.get("merged_into") in advice.rejected:
        return False
    return state["state"] != "retired" and (offer.kind == "case" or state.get("live_revision", 0) > 0)


def _shown(offer: Offer, article: Json, advice: Advice) -> Json:
    # A verdict on what was merged is one on where it went.
    verdict = advice.verdict_on(article.get("merged_into") or offer.article_id) or advice.verdict_on(offer.article_id)
    kind = "article" if article.get("live_revision", 0) > 0 else "case"
    return {**_told(offer), "kind": kind, "state": article["state"], "verdict": verdict.verdict if verdict else None}


def _told(offer: Offer) -> Json:
    shown = {name: getattr(offer, name) for name in ("number", "title", "kind", "score", "fit")}
    return {"article_id": str(offer.article_id), **shown, "reasons": [_reason(reason) for reason in offer.reasons]}


def _reason(reason: Reason) -> Json:
    label = _REASONS[reason.kind]
    return {
        "kind": reason.kind,
        "detail": reason.detail,
        "text": f"{label}: {reason.detail}" if reason.detail else label,
    }
