"""What `yibao knowledge` shows, as tables and lines for a terminal of 80 columns."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from rich.table import Column, Table

from chassis.zone import BEIJING

Json = dict[str, Any]
STATES: Final = {
    "draft": "草稿", "proposed": "待合并", "in_review": "审核中", "published": "已发布", "needs_review": "待复核",
    "retired": "已停用", "merged": "已合并",
}  # fmt: skip
MOVES: Final = {
    "submit": "送审", "return": "退回", "publish": "发布", "question": "提请复核", "confirm": "确认仍有效",
    "discard": "放弃修改", "retire": "停用", "merge": "合并", "keep-apart": "保留为独立条目",
}  # fmt: skip
AUDIENCES: Final = {"engineers": "工程师", "centre": "中心", "hospitals": "所有医院"}
VERDICTS: Final = {"accepted": "已采纳", "edited": "修改后采纳", "rejected": "不适用"}
STEPS: Final = {
    "drafted": "起草", "proposed": "建议合并", "revised": "修订", "submitted": "送审", "returned": "退回",
    "published": "发布", "questioned": "待复核", "confirmed": "复核通过", "retired": "停用", "merged": "并入别的条目",
    "absorbed": "并入一条", "owned": "更换负责人",
}  # fmt: skip
_TOLD: Final = {"question": "问题", "symptoms": "现象", "cause": "原因", "answer": "处理步骤"}
_CONTENT: Final = (
    "title", "question", "answer", "category", "findings", "kind", "symptoms", "cause", "institution_type", "edition",
    "keywords", "audience",
)  # fmt: skip


def _table(*names: str, **looks: Any) -> Table:
    """Nothing is cut, however narrow the terminal is; numbers, which are copied, stay on one line."""
    return Table(*(Column(name, no_wrap=name == "编号", overflow="fold") for name in names), **looks)


def hits(found: Json) -> Table:
    """Of `GET /search`."""
    table = _table("编号", "标题与摘要", "依据", show_lines=True, title=f"共 {found['total']:,} 条")
    for one in found["hits"]:
        about = [one["title"], *([] if one["snippet"] in ("", one["title"]) else [one["snippet"]])]
        case = "相似工单, " if one["similar_case"] and one["kind"] == "solution" else ""
        number = f"{one['number']}\n{case}{STATES[one['state']]}"
        table.add_row(number, "\n".join(about), " ".join(one["why"][:6]))
    return table


def meant(found: Json) -> str:
    return f"您是不是要找: {found['did_you_mean']}" if found.get("did_you_mean") else ""


def articles(found: Iterable[Json]) -> Table:
    """Of `GET /articles`."""
    table = _table("编号", "状态", "读者", "负责人", "标题")
    for one in found:
        table.add_row(one["number"], STATES[one["state"]], audience(one["audience"]), one["owner"], one["title"])
    return table


def audience(name: str) -> str:
    return AUDIENCES.get(name) or name.replace("hospital:", "专属 ")


def other(found: Json) -> str:
    """The id of the article that this one is, or should be, merged into; empty for none."""
    proposed = found["proposal"] if found["state"] == "proposed" else None
    return str(found["merged_into"] or (proposed or {}).get("like") or "")


def content(found: Json) -> Json:
    """The latest content of `GET /articles/{ref}`, as it is written back."""
    latest = found["draft"] or found
    return {name: latest[name] for name in _CONTENT}


def whole(found: Json, versions: Iterable[Json], other: str = "") -> Iterator[str]:
    """One article as lines: its latest content. `other` is the number of the one it belongs to."""
    latest = content(found)
    yield f"{found['number']} 〔{STATES[found['state']]}〕{latest['title']}"
    yield f"类别 {latest['category']}; 读者 {audience(latest['audience'])}; 负责人 {found['owner'] or '(无)'}"
    yield from _standing(found, other)
    told = _TOLD if latest["kind"] == "solution" else {**_TOLD, "answer": "正文"}
    for name, label in told.items():
        text = latest[name].removeprefix(f"{label}：").removeprefix(f"{label}:").strip()
        if text and not (name != "answer" and text == latest["title"]):
            yield f"\n{label}: {text}"
    yield "\n来源: " + ("; ".join(s["label"] or s["id"] for s in found["sources"]) or "人工编写")
    for one in versions:
        for step in one["steps"]:
            at = datetime.fromisoformat(step["at"]).astimezone(BEIJING)
            what = STEPS.get(step["type"].removeprefix("knowledge."), step["type"])
            by = "系统" if step["by"]["kind"] == "system" else step["by"]["id"]
            yield f"第 {one['revision']} 版  {at:%Y-%m-%d %H:%M}  {what}  {by}  {step['why']}".rstrip()


def _standing(found: Json, other: str) -> Iterator[str]:
    """What is to be done about it, where that is not told by its state alone."""
    if found["state"] == "merged":
        yield f"已合并到 {other}, 请看那一条"
    if found["state"] == "proposed":
        likeness = found["proposal"]["likeness"]
        yield f"与 {other} 相似 {likeness:.0%}: 请合并 (merge --into {other}) 或保留 (keep-apart)"
    if found["questioned_at"]:
        yield f"待复核: {found['why']}"
    if found["draft"]:
        yield f"有未发布的修改, 下面是修改后的内容; 读者看到的是第 {found['live_revision']} 版"
    if found["review_at"]:
        yield f"下次复核 {datetime.fromisoformat(found['review_at']).astimezone(BEIJING):%Y-%m-%d}"


def groups(found: Iterable[Json]) -> Table:
    """Of `GET /synonyms`."""
    table = _table("同义词", "来自")
    for one in found:
        table.add_row(" = ".join(one["words"]), "自带" if one["holds"] == "shipped" else one["saved_by"])
    return table


def suggestions(found: Iterable[Json]) -> Table:
    """Of `GET /suggestions/{case}`."""
    table = _table("编号", "标题", "理由", "评价", show_lines=True)
    for one in found:
        reasons = "; ".join(reason["text"] for reason in one["reasons"])
        table.add_row(one["number"], one["title"], reasons, VERDICTS.get(one.get("verdict") or "", ""))
    return table


def gaps(found: Iterable[Json]) -> Table:
    """Of `GET /gaps`."""
    table = _table("次数", "问题", "机构", "例子", show_lines=True)
    for one in found:
        table.add_row(str(one["cases"]), one["question"], str(len(one["institutions"])), "\n".join(one["examples"][:3]))
    return table


def imported(one: Json) -> str:
    """One file of `POST /documents`."""
    numbers = ", ".join(article["number"] for article in one.get("articles", ()))
    return f"{'✗' if one['status'] == 'refused' else '✓'} {one['name']}: {one['message']} {numbers}".rstrip()


def checked(found: Json) -> str:
    """Of `GET /index/check`."""
    if found["same"]:
        return f"一致: 索引有 {found['indexed']:,} 条"
    told = "; ".join(f"{name} {', '.join(found[key])}" for key, name in _DIFFERENT.items() if found[key])
    return f"不一致: {found['differs']:,} 条; {told}。请运行 yibao knowledge index rebuild"


_DIFFERENT: Final = {"missing": "索引缺少", "surplus": "索引多出", "differing": "版本不同"}
