"""The search index: how soon what is resolved is found, and how many articles a second an index is built anew from.

`python -m bench --only rebuild`. The articles are synthetic and seeded: titles, questions, causes and steps put
together from the desk's own phrases, some 300 characters each, of 60 transactions, 400 errors and 300 hospitals.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx

from bench.result import Result, percentile
from bench.world import World, world
from chassis.outgoing import Outgoing
from contracts.case import CaseResolved, Findings
from contracts.envelope import SYSTEM, derive_id
from contracts.knowledge import ArticlePublished
from yibao.signing import Signed, on_this_machine

ARTICLES, SEARCHED, SEED, CHUNK = 100_000, 200, 20261122, 500
THEN = datetime(2026, 1, 5, tzinfo=UTC)
_WHERE = ("门诊收费窗口", "住院结算处", "医生工作站", "自助机", "互联网医院", "药房", "医保办", "入院登记处")
_WHAT = (
    "职工医保结算",
    "居民医保结算",
    "异地就医备案",
    "门诊慢特病登记",
    "生育津贴申报",
    "结算清单上传",
    "目录对照",
    "月结对账",
)
_FAILED = (
    "提示交易超时",
    "返回参保信息不存在",
    "报目录未对照",
    "提示余额不足",
    "显示重复结算",
    "报入参格式错误",
    "提示未签到",
)
_CAUSE = (
    "前置机签到信息已失效",
    "院内目录与国家编码对照不全",
    "接口版本低于省平台要求",
    "诊断编码未贯标",
    "专线网络丢包",
    "参保状态已变更",
)
_STEPS = (
    "在前置机上重新签到, 再试一次", "在目录管理里补齐对照并重新上传", "升级接口程序到最新版本", "核对诊断编码后重登",
    "联系运营商检查专线", "请患者到参保地经办机构核实", "先冲正原交易, 再重新结算", "把报文发给省平台核查",
)  # fmt: skip


async def rebuild(n: int = ARTICLES) -> list[Result]:
    """In a desk of its own."""
    async with world() as here, httpx.AsyncClient(timeout=60, trust_env=False) as http:
        http.auth = Signed(here.settings, on_this_machine("bench"))
        searchable = await _searchable(here, http)
        rate, beside = await _rebuilt(here, http, n)
    told = f"{SEARCHED} resolutions one after the other, median {percentile(searchable, 0.5):.2f} s"
    return [
        Result("write_to_searchable_s", percentile(searchable, 0.99), "s", 2, at_least=False, beside=told),
        Result("rebuild_docs_per_s", rate, "1/s", beside=beside),
    ]


async def _searchable(here: World, http: httpx.AsyncClient) -> list[float]:
    """Seconds from the publishing of a resolution until a search has it."""
    taken = []
    for i in range(SEARCHED):
        resolved = _resolved(i)
        started = time.perf_counter()
        await here.outbox.publish([Outgoing(resolved.type, resolved.model_dump_json().encode(), str(resolved.id))])
        await _until(0.01, partial(_total, here, http, resolved.number))
        taken.append(time.perf_counter() - started)
    return taken


async def _rebuilt(here: World, http: httpx.AsyncClient, n: int) -> tuple[float, str]:
    """Articles a second from the order to rebuild until the new generation serves."""
    before = await here.count("KNOWLEDGE")
    for chunk in _chunks(n):
        await here.outbox.publish(chunk)
    await _until_level(here, http)
    started = time.perf_counter()
    (await http.post(here.settings.url("knowledge") + "/index/rebuild")).raise_for_status()
    slowest = 0.0
    while (await _ask(here, http, "/index"))["rebuild"]["running"]:
        asked = time.perf_counter()
        await _ask(here, http, "/search", q="门诊结算提示未签到")
        slowest = max(slowest, time.perf_counter() - asked)
        await asyncio.sleep(0.2)
    took = time.perf_counter() - started
    return (
        before + n
    ) / took, f"{before + n:,} articles in {took:,.0f} s; the slowest search meanwhile {slowest:.2f} s"


async def _until_level(here: World, http: httpx.AsyncClient) -> None:
    last = (await here.js.stream_info("KNOWLEDGE")).state.last_seq
    await _until(0.5, lambda: _reached(here, http, last))


async def _until(pause_s: float, look: Callable[[], Awaitable[bool]]) -> None:
    while True:
        if await look():
            return
        await asyncio.sleep(pause_s)


async def _total(here: World, http: httpx.AsyncClient, number: str) -> bool:
    return bool((await _ask(here, http, "/search", q=number))["total"])


async def _reached(here: World, http: httpx.AsyncClient, last: int) -> bool:
    return bool((await _ask(here, http, "/index"))["position"]["sequence"] >= last)


async def _ask(here: World, http: httpx.AsyncClient, path: str, **parameters: Any) -> Any:
    return (await http.get(here.settings.url("knowledge") + path, params=parameters)).raise_for_status().json()


def _chunks(n: int) -> Iterator[list[Outgoing]]:
    chance = random.Random(SEED)
    for start in range(0, n, CHUNK):
        events = [article(i, chance) for i in range(start, min(n, start + CHUNK))]
        yield [Outgoing(e.type, e.model_dump_json().encode(), str(e.id)) for e in events]


def article(i: int, chance: random.Random) -> ArticlePublished:
    """The `i`-th article."""
    where, what, failed = chance.choice(_WHERE), chance.choice(_WHAT), chance.choice(_FAILED)
    infno, error = f"{chance.randrange(1100, 1160)}", f"E{chance.randrange(10_000, 10_400)}"
    code = f"H4301{chance.randrange(300):07}"
    cause, steps = chance.choice(_CAUSE), chance.sample(_STEPS, 3)
    audience = chance.choice(("engineers", "centre", "hospitals", "hospitals", f"hospital:{code}"))
    id_, article_id = derive_id("bench", "said", i), derive_id("bench", "article", i)
    return ArticlePublished(
        id=id_, cause_id=id_, correlation_id=id_, version=1, actor=SYSTEM, occurred_at=THEN + timedelta(seconds=i),
        recorded_at=THEN + timedelta(seconds=i), article_id=article_id, case_id=derive_id("bench", "case", i),
        number=f"YB-{i:06}-BENCH", live_revision=1, title=f"{where}{what}{failed}", category="结算支付",
        question=f"{where}做{what}时调用{infno}接口{failed}, 错误码{error}, {i % 12 + 1}月起有{i % 97}次, 怎么处理?",
        symptoms=f"{infno}接口{failed}", cause=f"经排查, {cause}, 影响{what}。", audience=audience,
        answer="".join(f"{k}. {step}。" for k, step in enumerate(steps, 1)) + f"处理后{where}恢复正常, 编号{i}。",
        findings=Findings(infno=infno, error=f"{error} {failed}", error_code=error, institution_code=code),
    )  # fmt: skip


def _resolved(i: int) -> CaseResolved:
    id_ = derive_id("bench", "resolved", i)
    now = datetime.now(UTC)
    return CaseResolved(
        id=id_, cause_id=id_, correlation_id=id_, version=3, actor=SYSTEM, occurred_at=now, recorded_at=now,
        case_id=derive_id("bench", "resolved case", i), number=f"YB-{i:05}-RSLVD", category="结算支付",
        title=f"{_WHAT[i % 8]}{_FAILED[i % 7]}", resolution=_STEPS[i % 8],
        question=f"{_WHERE[i % 8]}{_WHAT[i % 8]}{_FAILED[i % 7]}, 单据{i}",
    )  # fmt: skip
