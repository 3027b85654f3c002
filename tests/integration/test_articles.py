"""Articles on real servers: from a resolved case to what a hospital reads, and the duty to review them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from chassis.http import now
from services.knowledge.articles.duty import quarter_of
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from tests.unit.knowledge.articles import resolved

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

LI = {"X-Yibao-Staff": "li.na"}
WANG = {"X-Yibao-Staff": "wang.fang"}
HOSPITAL = {"X-Yibao-Viewer": "hospital:H62010200123"}
OTHER = {"X-Yibao-Viewer": "hospital:H62010200999", "X-Yibao-Reader": "browser-7"}
PHONE = "13912345678"
CONTENT: Json = {
    "title": "门诊结算超时", "question": "门诊结算时 2207 报错调用超时怎么办", "answer": "先用 2601 冲正。再重新结算。",
    "category": "结算支付", "findings": {"infno": "2207"}, "audience": "hospitals",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Each test finds the articles of the tests before it."""
    more = {"YIBAO_COMMAND_WAIT_S": "10"}
    async with desk_in(tmp_path_factory.mktemp("articles"), "knowledge", "sla", **more) as desk:
        yield desk


async def ask(desk: Desk, method: str, path: str, headers: Json, body: Any = None, status: int = 200) -> Json:
    answer = await desk.http.request(method, desk.url("knowledge", path), headers=headers, json=body)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def act(desk: Desk, ref: str, what: str, by: Json = LI, status: int = 200, **body: Any) -> Json:
    return await ask(desk, "POST", f"/articles/{ref}/{what}", by, body, status)


async def published(desk: Desk, **content: Any) -> str:
    """The id of an article that li wrote and wang published."""
    id_: str = (await ask(desk, "POST", "/articles", LI, {**CONTENT, **content}))["id"]
    await act(desk, id_, "submit")
    await act(desk, id_, "publish", WANG)
    return id_


async def test_a_case_becomes_an_article_that_a_hospital_reads_once_somebody_else_has_published_it(desk: Desk) -> None:
    await desk.put(resolved(1, 3).model_dump_json().encode(), "case.resolved")

    async def drafted() -> bool:
        url = desk.url("knowledge", "/articles/yb-00001-00000")
        return (await desk.http.get(url, headers=LI)).status_code == 200

    await until("the case is drafted", drafted)
    draft = await ask(desk, "GET", "/articles/YB-00001-00000", LI)
    assert (draft["state"], draft["answer"], draft["audience"]) == ("draft", "方案3", "engineers")
    ref = draft["id"]
    hidden = await ask(desk, "GET", f"/articles/{ref}", HOSPITAL, status=404)
    nothing = await ask(desk, "GET", "/articles/YB-99999-00000", HOSPITAL, status=404)
    assert hidden["code"] == nothing["code"] == "not_found"
    match = {**LI, "If-Match": str(draft["version"])}
    await ask(desk, "PUT", f"/articles/{ref}", match, {**CONTENT, "answer": f"请拨打 {PHONE}", "why": "补充"})
    await ask(desk, "PUT", f"/articles/{ref}", match, {**CONTENT, "answer": "太晚了"}, status=409)
    await act(desk, ref, "submit")
    assert (await act(desk, ref, "publish", LI, status=409))["code"] == "own_work"
    await act(desk, ref, "publish", WANG, why="核对无误")
    seen = await ask(desk, "GET", f"/articles/{ref}", HOSPITAL)
    assert PHONE not in str(seen) and "请拨打" in seen["answer"]
    assert not {"owner", "sources", "state", "case_id", "draft", "usage"} & set(seen)


async def test_a_repeated_request_writes_one_article(desk: Desk) -> None:
    once = {**LI, "Idempotency-Key": "k1"}
    first = await ask(desk, "POST", "/articles", once, CONTENT)
    assert (await ask(desk, "POST", "/articles", once, CONTENT))["id"] == first["id"]
    await act(desk, first["id"], "retire", why="试写")


async def test_what_is_wrong_with_a_request_is_said_in_chinese(desk: Desk) -> None:
    wrong = await ask(desk, "POST", "/articles", LI, {"title": " ", "answr": "x"}, status=400)
    assert "answr" in wrong["message"] and "标题" in wrong["message"]
    assert "audience" in (await ask(desk, "POST", "/articles", LI, {**CONTENT, "audience": "x"}, status=400))["message"]
    await ask(desk, "POST", "/articles", {}, CONTENT, status=404)
    ref = await published(desk)
    assert "原因" in (await act(desk, ref, "retire", status=400, why=" "))["message"]
    await act(desk, ref, "retire", HOSPITAL, status=404, why="不要了")
    await act(desk, ref, "publish", WANG, status=400, review_at="明天")


async def test_a_hospital_reads_and_counts_its_own_archive_and_no_other_s(desk: Desk) -> None:
    before = await ask(desk, "GET", "/articles/counts", OTHER)
    ref = await published(desk, title="专属", audience="hospital:H62010200123", kind="guide")
    assert (await ask(desk, "GET", f"/articles/{ref}", HOSPITAL))["title"] == "专属"
    await ask(desk, "GET", f"/articles/{ref}", OTHER, status=404)
    assert await ask(desk, "GET", "/articles/counts", OTHER) == before
    assert (await ask(desk, "GET", "/articles/counts", HOSPITAL))["total"] == before["total"] + 1
    assert "by_state" not in before and (await ask(desk, "GET", "/articles/counts", LI))["by_state"]["published"] >= 2
    for path in ("versions", "versions/1", "versions/1/diff/1"):
        await ask(desk, "GET", f"/articles/{ref}/{path}", HOSPITAL, status=404)
    asked = "/articles?state=draft&owner=li.na&kind=guide"
    assert [a["id"] for a in (await ask(desk, "GET", asked, HOSPITAL))["articles"]] == [ref]
    assert (await ask(desk, "GET", "/articles?kind=guide", OTHER))["articles"] == []


async def test_versions_say_who_wrote_what_and_how_they_differ(desk: Desk) -> None:
    ref = await published(desk)
    await ask(desk, "PUT", f"/articles/{ref}", LI, {**CONTENT, "answer": "先用 2601 冲正。再联系省平台。", "why": "改"})
    latest, first = (await ask(desk, "GET", f"/articles/{ref}/versions", LI))["versions"]
    assert [s["type"] for s in first["steps"]] == ["knowledge.drafted", "knowledge.submitted", "knowledge.published"]
    assert (latest["steps"][0]["why"], latest["steps"][0]["by"]["id"]) == ("改", "li.na")
    assert (await ask(desk, "GET", f"/articles/{ref}/versions/1", LI))["content"]["answer"] == CONTENT["answer"]
    fields = (await ask(desk, "GET", f"/articles/{ref}/versions/1/diff/2", LI))["fields"]
    assert list(fields) == ["answer"] and fields["answer"]["marks"][0] == {"op": "same", "text": "先用 2601 冲正。再"}
    seen = await ask(desk, "GET", f"/articles/{ref}", LI)
    assert (seen["answer"], seen["draft"]["answer"]) == (CONTENT["answer"], "先用 2601 冲正。再联系省平台。")
    await ask(desk, "GET", f"/articles/{ref}/versions/7", LI, status=404)


async def test_merging_follows_to_where_the_target_went(desk: Desk) -> None:
    a, b, c = [await published(desk, title=f"合并{n}") for n in range(3)]
    await act(desk, b, "merge", into=c)
    await act(desk, a, "merge", into=b, why="同一问题")
    assert (await ask(desk, "GET", f"/articles/{a}", LI))["merged_into"] == c

    async def absorbed() -> bool:
        return {a, b} <= set((await ask(desk, "GET", f"/articles/{c}", LI))["absorbed"])

    await until("both are taken in", absorbed)
    await act(desk, c, "merge", status=400, into=a)
    await act(desk, c, "merge", status=404, into="ZS-00000-00000")


async def test_a_vote_counts_once_and_needs_a_reader(desk: Desk) -> None:
    ref = await published(desk)
    assert "X-Yibao-Reader" in (await act(desk, ref, "rate", HOSPITAL, status=400, helpful=True))["message"]
    for _ in range(2):
        await act(desk, ref, "rate", OTHER, helpful=False)
    await act(desk, ref, "rate", LI, helpful=True)
    seen = await ask(desk, "GET", f"/articles/{ref}", OTHER)
    assert (seen["helpful"], seen["unhelpful"]) == (1, 1)


async def test_a_new_interface_version_questions_what_it_concerns_and_the_duty_counts_the_reviews(desk: Desk) -> None:
    ref = await published(desk, findings={"infno": "4101"}, title="清单上传")
    asked = {"doubt": "interface", "infno": "4101", "why": "4101 接口升级"}
    preview = await ask(desk, "POST", "/articles/question-all?preview=true", LI, asked)
    assert (preview["matched"], preview["questioned"]) == (1, 0)
    assert (await ask(desk, "GET", f"/articles/{ref}", LI))["state"] == "published"
    await ask(desk, "POST", "/articles/question-all", LI, {**asked, "infno": None}, status=400)
    assert (await ask(desk, "POST", "/articles/question-all", LI, asked))["questioned"] == 1

    async def questioned() -> bool:
        return (await ask(desk, "GET", f"/articles/{ref}", LI))["state"] == "needs_review"

    await until("it is in doubt", questioned)
    due = await ask(desk, "GET", "/articles?due=true", LI)
    assert [a["id"] for a in due["articles"]] == [ref]
    review = await ask(desk, "GET", "/articles/review", LI)
    assert (review["of"] - review["done"], review["waiting_by_owner"]) == (1, {"li.na": 1})
    await act(desk, ref, "confirm", WANG)
    after = await ask(desk, "GET", "/articles/review", LI)
    assert (after["done"], after["of"]) == (review["done"] + 1, review["of"])
    await until("sla knows the figures", lambda: told(desk, after["done"], after["of"]), within_s=90)


async def told(desk: Desk, done: int, of: int) -> bool:
    period = quarter_of(now()).key
    raw = await desk.mongo[desk.settings.mongo_db]["obligations"].find_one(
        {"state.plan.definition": "knowledge_review", "state.plan.period": period}
    )
    items = raw["state"]["items"] if raw else []
    return [(i.get("done"), i.get("of"), i.get("state")) for i in items] == [(done, of, "done")]
