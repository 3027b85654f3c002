"""Suggestions on real servers: what one case taught, the next one is offered, and verdicts move what stands first."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from contracts.envelope import Actor
from contracts.knowledge import ArticleContent
from contracts.knowledge_work import (
    ArticleCommand,
    MergeArticle,
    PublishArticle,
    RetireArticle,
    SubmitArticle,
    WriteArticle,
)
from services.knowledge.articles.model import article_id_of
from tests.integration.cases import STAFF, do, fresh, now, opened
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

OURS = "H42010100001"
QUESTION = "门诊窗口2207接口报错：省平台交易超时，患者在等"
WANG, LI = (Actor(kind="staff", id=name) for name in ("wang", "li"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("suggestions"), "intake", "knowledge") as desk:
        yield desk


async def wish(desk: Desk, model: type[ArticleCommand], article: UUID, by: Actor = WANG, **facts: object) -> None:
    command = model.model_validate(
        {"id": uuid4(), "occurred_at": now(), "actor": by, "article_id": article, **facts}
    )  # fmt: skip
    await desk.put(command.model_dump_json().encode(), command.type)


async def at(desk: Desk, article: UUID, state: str) -> None:
    async def look() -> bool:
        found = await desk.mongo[desk.settings.mongo_db]["articles"].find_one({"_id": article})
        return found is not None and found["state"]["state"] == state

    await until(f"{article} is {state}", look)


async def published(desk: Desk, article: UUID) -> None:
    """Wang submits, Li publishes."""
    await wish(desk, SubmitArticle, article)
    await wish(desk, PublishArticle, article, LI)
    await at(desk, article, "published")


async def written(desk: Desk, question: str, audience: str = "engineers") -> UUID:
    """An article by hand, published."""
    article = uuid4()
    content = ArticleContent(
        title=question[:60], question=question, answer="重新签到", category="结算支付", audience=audience
    )
    await wish(desk, WriteArticle, article, content=content)
    await published(desk, article)
    return article


async def resolved(desk: Desk, name: str, text: str, **more: str) -> tuple[str, UUID]:
    """A case and its article, a draft."""
    case = await opened(desk, name, text=text, **more)
    assert (await do(desk, case, "resolve", resolution="重新签到后重试")).status_code == 200
    article = article_id_of(UUID(case))
    await until(
        "the article is drafted", lambda: desk.mongo[desk.settings.mongo_db]["articles"].find_one({"_id": article})
    )
    return case, article


async def ask(desk: Desk, path: str, **headers: str) -> Json:
    answer: Json = (await desk.http.get(desk.url("knowledge", path), headers=headers or STAFF)).json()
    return answer


async def offered(desk: Desk, case: str, *wanted: UUID) -> list[Json]:
    """The suggestions of a case as soon as these articles are among them."""

    async def look() -> list[Json] | None:
        found = (await ask(desk, f"/suggestions/{case}")).get("suggestions", [])
        return found if {str(w) for w in wanted} <= {o["article_id"] for o in found} else None

    return await until(f"{wanted} are suggested", look)


async def findable(
    desk: Desk, article: UUID, query: str = "2207 超时 结算", viewer: str = "engineers", draft: bool = False
) -> None:
    async def look() -> bool:
        headers = {"X-Yibao-Viewer": viewer}
        url = desk.url("knowledge", "/search")
        answer = await desk.http.get(url, params={"q": query, "limit": "50"}, headers=headers)
        return str(article) in {h["article_id"] for h in answer.json()["hits"] if h["similar_case"] is draft}

    await until(f"{article} is found", look)


async def judge(desk: Desk, case: str, article: UUID, verdict: str) -> int:
    url = desk.url("knowledge", f"/suggestions/{case}/judge")
    body = {"article": str(article), "verdict": verdict}
    return (await desk.http.post(url, json=body, headers=STAFF)).status_code


async def test_what_a_case_taught_is_suggested_for_the_next_one_and_verdicts_count(desk: Desk) -> None:
    first, article = await resolved(desk, "taught", QUESTION)
    await published(desk, article)
    await findable(desk, article)
    case = await opened(desk, "asks", text="老师，2207接口报错：省平台交易超时，结算不了")
    [offer] = await offered(desk, case, article)
    assert offer["kind"] == "article"
    assert {"infno", "words"} <= {reason["kind"] for reason in offer["reasons"]}
    assert str(article_id_of(UUID(case))) != offer["article_id"]
    made = [e for e in await desk.stream("SUGGESTION") if e["case_id"] == case]
    assert [e["type"] for e in made] == ["suggestion.made"]
    assert await judge(desk, case, article, "accepted") == 200
    assert await judge(desk, case, article, "edited") == 200

    async def counted() -> bool:
        found = await desk.mongo[desk.settings.mongo_db]["articles"].find_one({"_id": article})
        return found is not None and found["state"]["counts"] == {
            **found["state"]["counts"],
            "accepted": 0,
            "edited": 1,
        }

    await until("the last verdict counts", counted)
    assert (await ask(desk, f"/suggestions/{case}"))["suggestions"][0]["verdict"] == "edited"
    assert (await ask(desk, f"/suggestions/{first}"))["suggestions"] == []


async def test_what_was_taken_over_for_an_error_stands_first_next_time(desk: Desk) -> None:
    error = "2305接口报错：撤销结算失败，已清算"
    for n in range(2):
        await findable(desk, await written(desk, f"{error} 第{'一二'[n]}种情况"), "2305 撤销结算")
    case = await opened(desk, "memory1", text=f"{error}，请处理")
    before = await until("both are suggested", lambda: _two(desk, case))
    last = UUID(before[1]["article_id"])
    assert await judge(desk, case, last, "accepted") == 200
    again = await opened(desk, "memory2", text=f"{error}，请处理")
    after = await until("both are suggested again", lambda: _two(desk, again))
    assert after[0]["article_id"] == str(last)
    assert after[0]["reasons"][0] == {"kind": "accepted", "detail": "1 次", "text": "同一错误曾被采纳: 1 次"}


async def _two(desk: Desk, case: str) -> list[Json] | None:
    found = (await ask(desk, f"/suggestions/{case}")).get("suggestions", [])
    return found if len([o for o in found if "2305" in o["title"]]) >= 2 else None


async def test_what_does_not_fit_stays_away_from_this_case_and_retired_ones_from_all(desk: Desk) -> None:
    article, other = [await written(desk, f"4101结算清单上传失败，科别为空，{name}") for name in ("内科", "外科")]
    await findable(desk, other, "4101")
    case = await opened(desk, "refuses", text="4101结算清单上传失败，科别为空")
    await offered(desk, case, article, other)
    assert await judge(desk, case, article, "rejected") == 200
    await desk.send(fresh("refuses-more", "4101结算清单还是上传失败，提示科别为空，患者催", conversation="refuses"))
    await until("it is told", lambda: _told(desk, case, 2))
    assert [o["article_id"] for o in await offered(desk, case, other)] == [str(other)]
    await wish(desk, RetireArticle, other, why="接口已停用")
    await at(desk, other, "retired")
    answer = await ask(desk, f"/suggestions/{case}")
    assert answer["suggestions"] == [] and "暂时没有合适" in answer["message"]


async def test_a_verdict_on_what_was_merged_is_one_on_where_it_went(desk: Desk) -> None:
    question = "5203住院登记撤销失败，提示已有费用"
    into = await written(desk, question)
    _, merged = await resolved(desk, "merged0", f"{question}，护士站在等")
    await findable(desk, into, "5203 住院登记撤销")
    await findable(desk, merged, "5203 住院登记撤销", draft=True)
    case = await opened(desk, "merged1", text=question)
    await offered(desk, case, into, merged)
    await wish(desk, MergeArticle, merged, into=into)
    await at(desk, merged, "merged")
    assert await judge(desk, case, merged, "accepted") == 200
    shown = {o["article_id"]: o["verdict"] for o in await offered(desk, case, into, merged)}
    assert shown[str(into)] == shown[str(merged)] == "accepted"
    assert await judge(desk, case, merged, "rejected") == 200
    shown = {o["article_id"]: o["verdict"] for o in await offered(desk, case)}
    assert not {str(into), str(merged)} & shown.keys()


async def _told(desk: Desk, case: str, texts: int) -> bool:
    found = await desk.mongo[desk.settings.mongo_db]["suggestions"].find_one({"_id": UUID(case)})
    return found is not None and len(found["causes"]) > texts


async def test_a_reader_sees_similar_articles_of_its_own_audience_only(desk: Desk) -> None:
    question = "9102文件下载2207超时，结算对账文件打不开"
    articles = {
        who: await written(desk, question, who) for who in ("engineers", "centre", "hospitals", f"hospital:{OURS}")
    }
    _, draft = await resolved(desk, "similar0", question)
    await findable(desk, articles[f"hospital:{OURS}"], viewer=f"hospital:{OURS}")
    await findable(desk, draft, draft=True)
    case = await opened(desk, "similar1", text=question, institution=OURS)
    others = await opened(desk, "similar2", text=question)
    for one in (case, others):
        await offered(desk, one)

    async def seen(viewer: str) -> set[str]:
        answer = await ask(desk, f"/similar/{case}?limit=20", **{"X-Yibao-Viewer": viewer})
        return {o["article_id"] for o in answer["similar"]}

    ours = {str(a): who for who, a in articles.items()} | {str(draft): "draft"}
    told = {viewer: {ours[i] for i in await seen(viewer) if i in ours} for viewer in ("centre", f"hospital:{OURS}")}
    assert told == {"centre": {"centre", "hospitals"}, f"hospital:{OURS}": {"hospitals", f"hospital:{OURS}"}}
    for viewer, one in (("hospitals", case), ("hospital:H2", case), (f"hospital:{OURS}", others)):
        answer = await desk.http.get(desk.url("knowledge", f"/similar/{one}"), headers={"X-Yibao-Viewer": viewer})
        assert answer.status_code == 404
    assert str(draft) in await seen("engineers")
    for path in (f"/suggestions/{case}", "/suggestions/nobody"):
        answer = await desk.http.get(desk.url("knowledge", path), headers={"X-Yibao-Viewer": "centre"})
        assert answer.status_code == 403


async def test_gaps_are_what_is_asked_and_not_answered(desk: Desk) -> None:
    for n in range(3):
        await opened(desk, f"gap{n}", text="电子处方流转平台怎么对接，需要哪些材料")
    answer = await until("the gap is seen", lambda: _gap(desk, 3))
    assert answer["by"] == "words" and len(answer["examples"]) == 3
    article = await written(desk, "电子处方流转平台怎么对接，需要哪些材料")
    await findable(desk, article, "电子处方")
    found = await ask(desk, "/gaps")
    assert not [g for g in found["gaps"] if "电子处方" in g["question"]]
    table = await desk.http.get(desk.url("knowledge", "/gaps?format=csv"), headers=STAFF)
    assert table.text.startswith("\ufeff问题,交易")
    refused = await desk.http.get(desk.url("knowledge", "/gaps"), headers={"X-Yibao-Viewer": "centre"})
    assert refused.status_code == 403


async def _gap(desk: Desk, cases: int) -> Json | None:
    found = await ask(desk, "/gaps")
    return next((g for g in found["gaps"] if "电子处方" in g["question"] and g["cases"] == cases), None)


async def test_usage_is_told_by_article_and_owner_and_as_a_file(desk: Desk) -> None:
    article = await written(desk, "跨省就医的处方怎么流转")
    case = await opened(desk, "uses", text="跨省就医的处方怎么流转，急")
    await offered(desk, case)
    assert await judge(desk, case, article, "accepted") == 200
    found = await ask(desk, "/usage")
    [row] = [a for a in found["articles"] if a["article_id"] == str(article)]
    assert (row["uses"], row["acceptance"], row["owner"], row["saved_hours"]) == (1, 1.0, "wang", None)
    assert sum(a["uses"] for a in found["articles"]) == sum(o["uses"] for o in found["owners"])
    assert "估算" in found["saved"]
    for kind, begins in (("csv", "\ufeff编号".encode()), ("xlsx", b"PK")):
        answer = await desk.http.get(desk.url("knowledge", f"/usage?format={kind}"), headers=STAFF)
        assert answer.content.startswith(begins)
    assert (await ask(desk, "/usage?owner=nobody"))["message"] == "没有符合条件的知识条目: 请核对负责人或类别"
