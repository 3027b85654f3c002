"""Suggestions: where the right article stands before and after staff have judged, and what a case costs.

The desk is synthetic and seeded: 10,000 articles; each error of each transaction has four of them whose words
differ little, and one is the right one mostly, which only verdicts can teach. Half of the cases are judged, the other
half asks.
"""

import asyncio
import random
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID

from bench.result import Result
from contracts.case import Findings
from contracts.envelope import SYSTEM, derive_id
from contracts.knowledge import ArticlePublished, Usage
from services.knowledge.audience import ENGINEERS, Viewer
from services.knowledge.search.index import ArticleIndex
from services.knowledge.search.model import Filters
from services.knowledge.suggestions.candidates import candidates
from services.knowledge.suggestions.model import MOST, Asked, Offer, signature
from services.knowledge.suggestions.ranking import ranked

ARTICLES, ASKED, SEED = 10_000, 1_200, 20261122
THEN = datetime(2026, 11, 22, tzinfo=UTC)
_INFNOS = (
    "1101",
    "2201",
    "2203",
    "2204",
    "2206A",
    "2207",
    "2208",
    "2302",
    "2304",
    "2305",
    "2401",
    "3201",
    "3202",
    "4101",
)
_ERRORS = (
    "交易超时", "未查询到参保信息", "入科时间早于入院时间", "医保目录编码不存在", "个人账户余额不足", "重复结算",
    "就诊凭证无效",
    "签到已失效", "诊断编码未贯标", "结算清单入院科别未填写", "对账金额不一致", "医师编码不在库中", "费用明细上传为空",
    "异地备案未生效", "门特资格已过期", "单据号已存在", "定点机构状态异常", "处方流水号重复", "医疗类别不支持",
    "跨年度结算",
)  # fmt: skip
_FIXES = ("重新签到后重试", "核对目录后重新上传", "联系省平台冲正", "升级接口版本", "补录信息后结算", "检查专线网络")
_ASKS = (
    "我院{infno}接口报错：{error}，患者在等，请尽快处理", "老师好，{infno}提示{error}怎么办",
    "上传{infno}返回{error}，哪里不对",
    "{error}，{infno}一直过不去", "门诊窗口{infno}失败，提示{error}", "请问{infno}报{error}是什么原因",
)  # fmt: skip
_OTHER = (
    "住院", "门诊", "窗口", "患者", "医生站", "收费处", "昨天", "今早", "批量", "个别", "升级后", "换库后", "月底",
    "新院区", "生育", "工伤", "异地", "居民", "职工", "门特",
)  # fmt: skip


class _Case(NamedTuple):
    asked: Asked
    right: UUID


async def suggestions() -> list[Result]:
    """As a part of the bench."""
    return await asyncio.to_thread(suggest)


def suggest() -> list[Result]:
    """Mean reciprocal rank of the right article among the suggestions, and milliseconds of a core per case."""
    chance = random.Random(SEED)
    articles, right = _library(chance)
    judged, later = _cases(chance, articles, right), _cases(chance, articles, right)
    with TemporaryDirectory() as folder:
        index = ArticleIndex(Path(folder))
        index.open()
        index.bulk(articles)
        before, cost = _measured(index, later, {})
        memory, usage = _verdicts(index, judged, chance)
        index.bulk([a.model_copy(update={"usage": usage.get(a.article_id, Usage())}) for a in articles])
        after, _ = _measured(index, later, memory)
        index.close()
    beside = f"{before:.2f} before, {ASKED:,} cases of {len(right)} errors judged, {ASKED:,} others asked"
    return [
        Result("suggestion_mrr_before_verdicts", before, ""),
        Result("suggestion_mrr_after_verdicts", after, "", 0.8, beside=beside),
        Result("suggestion_ms_per_case", cost * 1e3, "ms", 10, at_least=False, beside=f"at {ARTICLES:,} articles"),
    ]


def _library(chance: random.Random) -> tuple[list[ArticlePublished], dict[str, UUID]]:
    """The articles, and for each error of each transaction the one that helps mostly."""
    kinds = [(infno, error) for infno in _INFNOS for error in _ERRORS]
    articles, by_error = [], defaultdict(list)
    for n in range(ARTICLES):
        with_error = n < 4 * len(kinds)
        infno, error = kinds[n % len(kinds)] if with_error else (chance.choice(_INFNOS), "")
        about = " ".join(chance.sample(_OTHER, 3))
        asks = chance.choice(_ASKS).format(infno=infno, error=error or "其他情况")
        articles.append(_article(n, f"{asks} {about}", chance.choice(_FIXES), infno, error))
        if error:
            by_error[signature(infno, error, None)].append(articles[-1].article_id)
    return articles, {key: chance.choice(ids) for key, ids in by_error.items()}


def _article(n: int, question: str, answer: str, infno: str, error: str) -> ArticlePublished:
    id_ = derive_id("bench suggest", n)
    return ArticlePublished(
        id=id_, cause_id=id_, correlation_id=id_, version=1, occurred_at=THEN, recorded_at=THEN, actor=SYSTEM,
        article_id=id_, case_id=derive_id("case of", id_), number=f"YB-{n:05}-00000", title=question[:40],
        question=question, answer=answer, category="接口/HIS", findings=Findings(infno=infno, error=error or None),
        live_revision=1,
    )  # fmt: skip


def _cases(chance: random.Random, articles: list[ArticlePublished], right: dict[str, UUID]) -> list[_Case]:
    """Nine of ten are helped by what helps mostly, the others by another article about the same error."""
    about = defaultdict(list)
    for article in articles:
        about[signature(article.findings.infno, article.findings.error, None)].append(article)
    cases = []
    for n in range(ASKED):
        key = chance.choice(sorted(right))
        infno, error = about[key][0].findings.infno or "", about[key][0].findings.error or ""
        text = f"{chance.choice(_ASKS).format(infno=infno, error=error)} {' '.join(chance.sample(_OTHER, 3))}"
        helps = right[key] if chance.random() < 0.9 else chance.choice(about[key]).article_id
        asked = Asked(derive_id("asks", n, text), text, "接口/HIS", None, infno, error, None, key, frozenset())
        cases.append(_Case(asked, helps))
    return cases


def _offers(index: ArticleIndex, asked: Asked, memory: dict[str, dict[UUID, int]]) -> tuple[Offer, ...]:
    found = candidates(index, asked, Filters(Viewer(ENGINEERS)))
    return ranked(asked, found, memory.get(asked.signature, {}), MOST)


def _measured(index: ArticleIndex, cases: list[_Case], memory: dict[str, dict[UUID, int]]) -> tuple[float, float]:
    """The mean reciprocal rank, 0 for what is not there, and the seconds of a core per case."""
    total, started = 0.0, time.process_time()
    for case in cases:
        places = [offer.article_id for offer in _offers(index, case.asked, memory)]
        total += 1 / (places.index(case.right) + 1) if case.right in places else 0.0
    return total / len(cases), (time.process_time() - started) / len(cases)


def _verdicts(
    index: ArticleIndex, cases: list[_Case], chance: random.Random
) -> tuple[dict[str, dict[UUID, int]], dict[UUID, Usage]]:
    """Staff take over the right article where they see it, and reject half of what stands above it."""
    memory: dict[str, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    usage: dict[UUID, Usage] = defaultdict(Usage)
    for asked, right in cases:
        for offer in _offers(index, asked, memory):
            took = offer.article_id == right
            if took or chance.random() < 0.5:
                memory[asked.signature][offer.article_id] += 1 if took else -1
                counted, name = usage[offer.article_id], "accepted" if took else "rejected"
                usage[offer.article_id] = counted.model_copy(update={name: getattr(counted, name) + 1})
            if took:
                break
    return memory, usage
