"""What lies on a desk that is in use and that no single day brings: published knowledge, a document, a report that is
counted by itself, how somebody wants to be told, a definition to be confirmed. Playing again finds it there.
"""

from typing import Any, Final

from yibao.demo.desk import Desk, seen
from yibao.demo.view import View

Json = dict[str, Any]
WRITER, REVIEWER = "wang.fang", "chen.jie"
SCHEDULE: Final[Json] = {
    "name": "职工基金支出月报", "report": "medical_fund_expenditure", "span": "last_month",
    "timing": {"cron": "0 8 * * *", "workday": 2}, "wanted": {"forms": ["xlsx", "pdf"]},
}  # fmt: skip
ARTICLES: Final[tuple[Json, ...]] = (
    {
        "title": "2207 门诊结算超时的处理", "category": "结算支付", "audience": "hospitals",
        "question": "门诊结算调用 2207 超时或返回“交易结果未知”, 窗口没有出票, 患者已收到扣费短信。",
        "symptoms": "窗口等待超过 30 秒; 患者手机收到扣费短信; 没有结算编号。",
        "cause": "中心已受理, 返回在网络上丢失。",
        "answer": "1. 不要重复点击结算。\n2. 用 5203 按就诊编号查询中心是否已结算。\n3. 已结算的在 HIS 补打票据。\n"
        "4. 未结算的用 2601 冲正后重新结算。", "keywords": ["2207", "超时", "冲正"],
    },
    {
        "title": "异地住院登记提示备案就医地不一致", "category": "异地就医", "audience": "hospitals",
        "question": "2401 入院登记报备案就医地与医院区划不一致。", "cause": "患者备案时选择的就医地不是本院所在区划。",
        "answer": "1. 请患者在国家医保服务平台 App 修改备案就医地。\n2. 重新用 1101 获取人员信息。\n3. 再办理 2401。",
    },
    {
        "title": "市二院前置机与接口联系人", "category": "接口/HIS", "audience": "hospital:H62010290002",
        "kind": "guide", "question": "市第二人民医院接口不通时找谁、先看什么。",
        "answer": "先看前置机网卡与到中心的专线, 再请信息科值班核对接口服务是否在运行。",
    },
)  # fmt: skip
IN_REVIEW: Final[Json] = {
    "title": "结算清单主要诊断标志的填写", "category": "结算清单", "audience": "hospitals",
    "question": "清单质控提示主要诊断不唯一。",
    "answer": "maindiag_flag 只能有一行为 1; 改后按 3→0 退回修改, 再重传 4101A。",
}  # fmt: skip
REVISED, WHY = "card_payments", "稽核科也用这张表, 写明用途"
DOCUMENT: Final = """# 结算清单上传操作

## 上传之前
核对出院结算已经成功, 病案首页已经归档, 主要诊断只有一行。

## 上传与查询
用 4101A 上传, 用 4105 查询应传数与已传数。退回修改的先改状态再重传。
"""


async def furnish(desk: Desk, view: View) -> None:
    """Raises CommandRefused, NotSeen or httpx.HTTPError."""
    for content in (*ARTICLES, IN_REVIEW):
        await _article(desk, content)
    view.say(f"知识: 陈洁审核发布 {len(ARTICLES)} 条, 待审核 1 条", "cyan")
    form = {"category": "结算清单", "title": "结算清单上传操作"}
    file = ("结算清单上传操作.md", DOCUMENT.encode())
    answer = await desk.http.post(
        desk.url("knowledge", "/documents"), data=form, files={"file": file}, auth=desk.by(WRITER)
    )
    answer.raise_for_status()
    if SCHEDULE["name"] not in {known["name"] for known in await desk.get("stats", "/schedules")}:
        await desk.post("stats", "/schedules", WRITER, SCHEDULE)
    view.say(f"文档 {file[0]} 已导入; 定时统计: {SCHEDULE['name']}", "cyan")
    await _draft(desk)
    await _wishes(desk)


async def _article(desk: Desk, content: Json) -> None:
    """Written by one, published by another; the one in review stays with the reviewer."""
    known = await desk.get("knowledge", "/articles", q=content["title"], limit=20)
    if content["title"] in {article["title"] for article in known["articles"]}:
        return
    done = await desk.post("knowledge", "/articles", WRITER, content)
    where = f"/articles/{done.get('id') or done['url'].rpartition('/')[2]}"

    async def written() -> bool | None:
        return (await desk.http.get(desk.url("knowledge", where))).is_success or None

    await seen(written, f"知识条目 {content['title']}")
    await desk.post("knowledge", f"{where}/submit", WRITER)
    if content is not IN_REVIEW:
        await desk.post("knowledge", f"{where}/publish", REVIEWER)


async def _draft(desk: Desk) -> None:
    """A definition that the centre is to confirm."""
    if REVISED in {known["report"] for known in await desk.get("stats", "/definitions")}:
        return
    standing = (await desk.get("stats", f"/reports/{REVISED}"))["definition_hash"]
    text = await desk.get("stats", f"/definitions/{REVISED}/text/{standing}")
    source = text["source"].replace("供个账使用监测", "供个账使用监测和药店稽核")
    await desk.post("stats", f"/definitions/{REVISED}", WRITER, {"source": source, "sql": text["sql"], "note": WHY})


async def _wishes(desk: Desk) -> None:
    """Nothing but what is urgent at lunch."""
    where = f"/settings/recipients/staff:{WRITER}"
    found = await desk.get("notify", where)
    if found["version"] == 0:
        wish = {"quiet": {"begins": "12:00", "ends": "14:00"}, "digest": "low", "endpoints": [], "subscriptions": []}
        answer = await desk.http.put(desk.url("notify", where), json=wish, auth=desk.by(WRITER))
        answer.raise_for_status()
