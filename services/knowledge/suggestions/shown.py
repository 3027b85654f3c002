"""The reports as they are shown, as JSON and as rows of a table. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from chassis.zone import BEIJING
from services.knowledge.articles.model import STATES
from services.knowledge.suggestions.gaps import Gap
from services.knowledge.suggestions.usage import Use, by_owner

Json = dict[str, Any]
_STATES: Final = {str(state): told for state, told in STATES.items()}
GAP_HEAD: Final = (
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
USE_HEAD: Final = (
    "编号", "标题", "类别", "状态", "负责人", "采用次数", "其中直接采纳", "其中修改后采纳", "不适用", "采纳率",
    "有帮助", "没有帮助", "阅读次数", "发布天数", "估算节省小时", "估算依据工单数",
)  # fmt: skip
SAVED: Final = (
    "节省时间为估算: 同类别未采用推荐的工单处理时长的中位数, 减去采用推荐的工单的处理时长, 不计负数; 按自然时间计, "
    "对照工单不足 5 个的类别不计"
)


def _day(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def gap_shown(gap: Gap) -> Json:
    leader = gap.leader
    return {
        "question": leader.title or leader.text[:100], "infno": leader.infno,
        "error": leader.signature.partition("|")[2] or None, "category": gap.category, "cases": gap.cases,
        "institutions": list(gap.institutions), "examples": list(gap.examples), "by": gap.by,
        "first_asked": gap.first.isoformat(), "last_asked": gap.last.isoformat(),
    }  # fmt: skip


def gap_row(gap: Gap) -> Sequence[object]:
    told = gap_shown(gap)
    return (
        told["question"], told["infno"], told["error"], gap.category, gap.cases, len(gap.institutions),
        " ".join(gap.institutions), " ".join(gap.examples), _day(gap.first), _day(gap.last),
        "同一错误" if gap.by == "error" else "用词相近",
    )  # fmt: skip


def usage_shown(found: Sequence[Use], limit: int) -> Json:
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


def use_row(use: Use) -> Sequence[object]:
    return list({**_use(use), "state": _STATES[use.article.state]}.values())[1:]


def no_article(owner: str | None, category: str | None) -> str:
    if owner or category:
        return "没有符合条件的知识条目: 请核对负责人或类别"
    return "知识库还没有发布的条目: 工单解决后会自动成为草稿, 审核发布后计入"
