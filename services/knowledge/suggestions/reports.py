"""HTTP of what the suggestions teach: what nothing answers (知识缺口), and what articles do and save (知识效果)."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.describing import answering
from chassis.http import now
from chassis.zone import BEIJING
from services.knowledge.audience import INSIDE
from services.knowledge.suggestions.gapping import MOST_CASES, look
from services.knowledge.suggestions.lookup import Finder
from services.knowledge.suggestions.shelf import shelf
from services.knowledge.suggestions.shown import (
    GAP_HEAD,
    SAVED,
    USE_HEAD,
    gap_row,
    gap_shown,
    no_article,
    usage_shown,
    use_row,
)
from services.knowledge.suggestions.store import Suggestions
from services.knowledge.suggestions.table import MEDIA_TYPES, as_file
from services.knowledge.suggestions.usage import uses

Json = dict[str, Any]
Format = Literal["json", "csv", "xlsx"]
Since = Annotated[str | None, Parameter(max_length=40, description="起 (含), 2026-11-20 或带时区的时间; 默认 90 天前")]
Until = Annotated[str | None, Parameter(max_length=40, description="止 (不含); 默认现在")]
Text = Annotated[str | None, Parameter(max_length=200)]
LOOK_BACK = timedelta(days=90)


@get(
    "/gaps", tags=["suggestions"], roles=INSIDE, summary="知识缺口: 常问而没有知识回答的问题",
    operation_class=answering("application/json", *MEDIA_TYPES.values()),
)  # fmt: skip
async def gap_report(
    state: State, request: AnyRequest, since: Since = None, until: Until = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50, format: Format = "json",
) -> Response[Any]:  # fmt: skip
    """What is asked most comes first. Engineers only."""
    begins, ends = _span(since, until)
    suggestions: Suggestions = state.service.state["suggestions"]
    finder: Finder = state.service.state["finder"]
    cases, found = await look(suggestions, finder, begins, ends, limit)
    if format != "json":
        await noted(state.service, request, "exported", f"knowledge gaps.{format}")
        return as_file("gaps", format, GAP_HEAD, map(gap_row, found))
    more = f"; 工单过多, 只看了其中最近的 {MOST_CASES} 个, 请缩短时间" if cases >= MOST_CASES else ""
    message = "" if found else "这段时间没有发现知识缺口: 提问都已有知识回答, 或还没有工单"
    span = {"since": begins.isoformat(), "until": ends.isoformat()}
    return Response(
        {**span, "cases": cases, "gaps": [gap_shown(g) for g in found], "message": (message + more).lstrip("; ")}
    )


@get(
    "/usage", tags=["suggestions"], roles=INSIDE, summary="知识效果: 采用、评价与节省的时间",
    operation_class=answering("application/json", *MEDIA_TYPES.values()),
)  # fmt: skip
async def usage_report(
    state: State, request: AnyRequest, since: Since = None, until: Until = None, owner: Text = None,
    category: Text = None, limit: Annotated[int, Parameter(ge=1, le=1_000)] = 100, format: Format = "json",
) -> Response[Any]:  # fmt: skip
    """What was used most comes first; `owners` sums all that fits, not only what is shown. Engineers only."""
    begins, ends = _span(since, until)
    suggestions: Suggestions = state.service.state["suggestions"]
    verdicts = await suggestions.verdicts(begins, ends)
    solved = [d.state for d in await suggestions.resolved(begins, ends, MOST_CASES) if d.state is not None]
    articles = await shelf(state.service.db, owner, category, {v.article_id for v in verdicts})
    found = await asyncio.to_thread(uses, articles, verdicts, solved, now())
    if format != "json":
        await noted(state.service, request, "exported", f"knowledge usage.{format}")
        return as_file("usage", format, USE_HEAD, map(use_row, found))
    span = {"since": begins.isoformat(), "until": ends.isoformat()}
    return Response(
        {**span, **usage_shown(found, limit), "saved": SAVED, "message": "" if found else no_article(owner, category)}
    )


def _span(since: str | None, until: str | None) -> tuple[datetime, datetime]:
    ends = now() if until is None else _moment("until", until)
    begins = ends - LOOK_BACK if since is None else _moment("since", since)
    if begins >= ends:
        raise HTTPException(status_code=400, detail="since 应早于 until: 请核对起止时间")
    return begins, ends


def _moment(name: str, text: str) -> datetime:
    """A time, or a day in Beijing."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return at.astimezone(BEIJING) if at.tzinfo else at.replace(tzinfo=BEIJING)
    except (ValueError, OverflowError):
        told = f"{name} 不是时间: 请写成 2026-11-20 或 2026-11-20T17:30:00+08:00"
        raise HTTPException(status_code=400, detail=told) from None
