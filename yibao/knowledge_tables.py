"""What `yibao knowledge` shows, as tables and lines for a terminal of 80 columns."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from rich.table import Table

from chassis.zone import BEIJING

Json = dict[str, Any]
STATES: Final = {
    "draft": "草稿", "proposed": "待合并", "in_review": "审核中", "published": "已发布", "needs_review": "待复核",
    "retired": "已停用", "merged": "已合并",
}  # fmt: skip
MOVES: Final = {
    "submit": "送审", "return": "退回", "publish": "发布", "question": "提请复核", "confirm": "确认仍有效",
    "retire": "停用", "merge": "合并", "keep-apart": "保留为独立条目",
}  # fmt: skip
AUDIENCES: Final = {"engineers": "工程师", "centre": "中心", "hospitals": "所有医院"}
VERDICTS: Final = {"accepted": "已采纳", "edited": "修改后采纳", "rejected": "不适用"}
STEPS: Final = {
    "drafted": "起草", "proposed": "建议合并", "revised": "修订", "submitted": "送审", "returned": "退回",
    "published": "发布", "questioned": "待复核", "confirmed": "复核通过", "retired": "停用", "merged": "并入别的条目",
    "absorbed": "并入一条", "owned": "更换负责人",
}  # fmt: skip
_TOLD: Final = {"answer": "处理步骤", "cause": "原因", "symptoms": "现象", "question": "问题"}


def hits(found: Json) -> Table:
    """Of `GET /search`."""
    table = Table("编号", "标题与摘要", "依据", show_lines=True, title=f"共 {found['total']:,} 条")
    for one in found["hits"]:
        table.add_row(one["number"], f"{one['title']}\n{one['snippet']}", " ".join(one["why"][:6]))
    return table


def meant(found: Json) -> str:
    return f"您是不是要找: {found['did_you_mean']}" if found.get("did_you_mean") else ""


def articles(found: Iterable[Json]) -> Table:
    """Of `GET /articles`."""
    table = Table("编号", "状态", "读者", "负责人", "标题", show_lines=False)
    for one in found:
        table.add_row(one["number"], STATES[one["state"]], audience(one["audience"]), one["owner"], one["title"])
    return table


def audience(name: str) -> str:
    return AUDIENCES.get(name) or name.replace("hospital:", "专属 ")


def whole(found: Json, versions: Iterable[Json]) -> Iterator[str]:
    """One article as lines."""
    yield f"{found['number']} 〔{STATES[found['state']]}〕{found['title']}"
    yield f"类别 {found['category']}; 读者 {audience(found['audience'])}; 负责人 {found['owner'] or '(无)'}"
    for name in ("question", "symptoms", "cause", "answer"):
        if found[name]:
            yield f"\n{_TOLD[name]}: {found[name]}"
    yield "\n来源: " + ("; ".join(s["label"] or s["id"] for s in found["sources"]) or "人工编写")
    for one in versions:
        for step in one["steps"]:
            at = datetime.fromisoformat(step["at"]).astimezone(BEIJING)
            what = STEPS.get(step["type"].removeprefix("knowledge."), step["type"])
            yield f"第 {one['revision']} 版  {at:%Y-%m-%d %H:%M}  {what}  {step['by']['id']}  {step['why']}".rstrip()


def suggestions(found: Iterable[Json]) -> Table:
    """Of `GET /suggestions/{case}`."""
    table = Table("编号", "标题", "理由", "评价", show_lines=True)
    for one in found:
        reasons = "; ".join(reason["text"] for reason in one["reasons"])
        table.add_row(one["number"], one["title"], reasons, VERDICTS.get(one.get("verdict") or "", ""))
    return table


def gaps(found: Iterable[Json]) -> Table:
    """Of `GET /gaps`."""
    table = Table("次数", "问题", "机构", "例子", show_lines=True)
    for one in found:
        table.add_row(str(one["cases"]), one["question"], str(len(one["institutions"])), "\n".join(one["examples"][:3]))
    return table


def imported(one: Json) -> str:
    """One file of `POST /documents`."""
    return f"{'✗' if one['status'] == 'refused' else '✓'} {one['name']}: {one['message']}"


def checked(found: Json) -> str:
    """Of `GET /index/check`."""
    if found["same"]:
        return f"一致: 索引有 {found['indexed']:,} 条"
    told = "; ".join(f"{name} {', '.join(found[key])}" for key, name in _DIFFERENT.items() if found[key])
    return f"不一致: {found['differs']:,} 条; {told}。请运行 yibao knowledge index rebuild"


_DIFFERENT: Final = {"missing": "索引缺少", "surplus": "索引多出", "differing": "版本不同"}
