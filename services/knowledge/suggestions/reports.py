"""HTTP of what the suggestions teach: what nothing answers (知识缺口), and what articles do and save (知识效果)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.asking import AnyRequest
from chassis.http import now
from chassis.zone import BEIJING
from services.knowledge.audience import viewer_of
from services.knowledge.suggestions.gapping import MOST_CASES, look
from services.knowledge.suggestions.gaps import Gap
from services.knowledge.suggestions.lookup import Finder
from services.knowledge.suggestions.shelf import shelf
from services.knowledge.suggestions.store import Suggestions
from services.knowledge.suggestions.table import as_file
from services.knowledge.suggestions.usage import Use, by_owner, uses

Json = dict[str, Any]
Format = Literal["json", "csv", "xlsx"]
Since = Annotated[str | None, Parameter(max_length=40, description="起 (含), 2026-11-20 或带时区的时间; 默认 90 天前")]
Until = Annotated[str | None, Parameter(max_length=40, description="止 (不含); 默认现在")]
Text = Annotated[str | None, Parameter(max_length=200)]
LOOK_BACK = timedelta(days=90)
_GAP_HEAD: Final = (
    "问题",
    "交易",
    "错误",
    "类别",
    "工单数",
    "机构数",
    "机构",
    "工单示例",
    "首次提问",
    "最近提问",
    "归并依据",
)
_USE_HEAD: Final = (
    "编号", "标题", "类别", "状态", "负责人", "采用次数", "其中直接采纳", "其中修改后采纳", "不适用", "采纳率",
    "有帮助", "没有帮助", "阅读次数", "发布天数", "估算节省小时", "估算依据工单数",
)  # fmt: skip
_SAVED: Final = (
    "节省时间为估算: 同类别未采用推荐的工单处理时长的中位数, 减去采用推荐的工单的处理时长, 不计负数; 按自然时间计, "
    "对照工单不足 5 个的类别不计"
)


@get("/gaps", tags=["suggestions"], summary="知识缺口: 常问而没有知识回答的问题")
async def gap_report(
    state: State, request: AnyRequest, since: Since = None, until: Until = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50, format: Format = "json",
) -> Response[Any]:  # fmt: skip
    """What is asked most comes first. Engineers only."""
    _engineers_only(request)
    begins, ends = _span(since, until)
    suggestions: Suggestions = state.service.state["suggestions"]
    finder: Finder = state.service.state["finder"]
    cases, found = await look(suggestions, finder, begins, ends, limit)
    if format != "json":
        return as_file("gaps", format, _GAP_HEAD, map(_gap_row, found))
    more = f"; 工单过多, 只看了其中最近的 {MOST_CASES} 个, 请缩短时间" if cases >= MOST_CASES else ""
    message = "" if found else "这段时间没有发现知识缺口: 提问都已有知识回答, 或还没有工单"
    span = {"since": begins.isoformat(), "until": ends.isoformat()}
    return Response(
        {**span, "cases": cases, "gaps": [_gap(g) for g in found], "message": (message + more).lstrip("; ")}
    )


@get("/usage", tags=["suggestions"], summary="知识效果: 采用、评价与节省的时间")
async def usage_report(
    state: State, request: AnyRequest, since: Since = None, until: Until = None, owner: Text = None,
    category: Text = None, limit: Annotated[int, Parameter(ge=1, le=1_000)] = 100, format: Format = "json",
) -> Response[Any]:  # fmt: skip
    """What was used most comes first; `owners` sums all that fits, not only what is shown. Engineers only."""
    _engineers_only(request)
    begins, ends = _span(since, until)
    suggestions: Suggestions = state.service.state["suggestions"]
    verdicts = await suggestions.verdicts(begins, ends)
    solved = [d.state for d in await suggestions.resolved(begins, ends, MOST_CASES) if d.state is not None]
    articles = await shelf(state.service.db, owner, category, {v.article_id for v in verdicts})
    found = await asyncio.to_thread(uses, articles, verdicts, solved, now())
    if format != "json":
        return as_file("usage", format, _USE_HEAD, map(_use_row, found))
    span = {"since": begins.isoformat(), "until": ends.isoformat()}
    return Response(
        {**span, **_usage(found, limit), "saved": _SAVED, "message": "" if found else _no_article(owner, category)}
    )


def _engineers_only(request: AnyRequest) -> None:
    if not viewer_of(request).is_engineer:
        raise HTTPException(status_code=403, detail="只有工程师可以查看: 请用请求头 X-Yibao-Staff 说明身份")


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


def _day(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def _gap(gap: Gap) -> Json:
    leader = gap.leader
    return {
        "question": leader.title or leader.text[:100], "infno": leader.infno,
        "error": leader.signature.partition("|")[2] or None, "category": gap.category, "cases": gap.cases,
        "institutions": list(gap.institutions), "examples": list(gap.examples), "by": gap.by,
        "first_asked": gap.first.isoformat(), "last_asked": gap.last.isoformat(),
    }  # fmt: skip


def _gap_row(gap: Gap) -> Sequence[object]:
    told = _gap(gap)
    return (
        told["question"], told["infno"], told["error"], gap.category, gap.cases, len(gap.institutions),
        " ".join(gap.institutions), " ".join(gap.examples), _day(gap.first), _day(gap.last),
        "同一错误" if gap.by == "error" else "用词相近",
    )  # fmt: skip


def _usage(found: Sequence[Use], limit: int) -> Json:
    return {
        "total": len(found),
        "articles": [_use(use) for use in found[:limit]],
        "owners": [total._asdict() for total in by_owner(found)],
    }


def _use(use: Use) -> Json:
    article, counts = use.article, use.article.counts
    return {
        "article_id": str(article.id), "number": article.number, "title": article.title, "category": article.category,
        "state": article.state, "owner": article.owner, "uses": use.uses, "accepted": use.accepted,
        "edited": use.edited, "rejected": use.rejected, "acceptance": use.acceptance, "helpful": counts.helpful,
        "unhelpful": counts.unhelpful, "views": counts.views, "age_days": use.age_days,
        "saved_hours": use.saved_hours, "saved_cases": use.saved_cases,
    }  # fmt: skip


def _use_row(use: Use) -> Sequence[object]:
    return list(_use(use).values())[1:]


def _no_article(owner: str | None, category: str | None) -> str:
    if owner or category:
        return "没有符合条件的知识条目: 请核对负责人或类别"
    return "知识库还没有发布的条目: 工单解决后会自动成为草稿, 审核发布后计入"
