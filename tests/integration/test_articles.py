"""Articles on real servers: from a resolved case to what a hospital reads, and the duty to review them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from chassis.http import now
from services.knowledge.articles.duty import figures, quarter_of
from services.knowledge.articles.review import question_due
from services.knowledge.articles.store import Articles
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from tests.unit.knowledge.articles import resolved

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

LI = {"X-Yibao-Staff": "li.na"}
WANG = {"X-Yibao-Staff": "wang.fang"}
HOSPITAL = {"X-Yibao-Viewer": "hospital:H62010200123"}
OTHER = {"X-Yibao-Viewer": "hospital:H62010200999"}
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
    await ask(desk, "POST", "/articles", HOSPITAL, CONTENT, status=403)
    ref = await published(desk)
    assert "原因" in (await act(desk, ref, "retire", status=400, why=" "))["message"]
    await act(desk, ref, "retire", HOSPITAL, status=403, why="不要了")
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
        await ask(desk, "GET", f"/articles/{ref}/{path}", HOSPITAL, status=403)
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


async def test_a_revision_is_given_up_and_what_was_published_stays(desk: Desk) -> None:
    ref = await published(desk)
    await ask(desk, "PUT", f"/articles/{ref}", LI, {**CONTENT, "answer": "写了一半"})
    assert (await ask(desk, "GET", f"/articles/{ref}", LI))["draft"]["answer"] == "写了一半"
    await act(desk, ref, "discard", HOSPITAL, status=403)
    await act(desk, ref, "discard", why="暂不修改")
    seen = await ask(desk, "GET", f"/articles/{ref}", LI)
    assert (seen["state"], seen["draft"], seen["answer"]) == ("published", None, CONTENT["answer"])
    draft = (await ask(desk, "POST", "/articles", LI, CONTENT))["id"]
    assert (await act(desk, draft, "discard", status=400))["code"] == "not_live"


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


async def test_a_vote_counts_once(desk: Desk) -> None:
    ref = await published(desk)
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
        return bool((await ask(desk, "GET", f"/articles/{ref}", LI))["state"] == "needs_review")

    await until("it is in doubt", questioned)
    due = await ask(desk, "GET", "/articles?due=true", LI)
    assert [a["id"] for a in due["articles"]] == [ref]
    review = await ask(desk, "GET", "/articles/review", LI)
    assert (review["of"] - review["done"], review["waiting_by_owner"]) == (1, {"li.na": 1})
    await act(desk, ref, "confirm", WANG)
    after = await ask(desk, "GET", "/articles/review", LI)
    assert (after["done"], after["of"]) == (review["done"] + 1, review["of"])
    await until("sla knows the figures", lambda: told(desk, after["done"], after["of"]), within_s=150)


async def told(desk: Desk, done: int, of: int) -> bool:
    period = quarter_of(now()).key
    raw = await desk.mongo[desk.settings.mongo_db]["obligations"].find_one(
        {"state.plan.definition": "knowledge_review", "state.plan.period": period}
    )
    items = raw["state"]["items"] if raw else []
    return [(i.get("done"), i.get("of"), i.get("state")) for i in items] == [(done, of, "done")]


def same(case: int, **facts: Any) -> str:
    words = {
        "title": "住院费用上传失败", "question": "住院费用明细上传时提示目录编码不存在, 患者无法出院结算",
        "resolution": "核对目录编码后重新下载 1301 目录, 再上传费用明细并结算", "category": "目录",
    }  # fmt: skip
    return resolved(case, 3, **{**words, **facts}).model_dump_json()


async def proposed(desk: Desk, number: str) -> Json | None:
    """Where the machine was too busy for a look at the resolution, the sweep compares later; this asks for it."""
    await ask(desk, "POST", "/articles/duplicates", LI)
    found: Json = await ask(desk, "GET", f"/articles/{number}", LI)
    return found if found["state"] == "proposed" else None


async def test_a_second_case_of_one_matter_is_proposed_for_merging_and_may_be_kept_apart(desk: Desk) -> None:
    """Of these two the sweep would propose the same one: its article's id is the larger."""
    await desk.put(same(22).encode(), "case.resolved")
    first = await until("the first is drafted", lambda: state_of(desk, "YB-00022-00000"))
    await until("and can be found", lambda: found_by(desk, "YB-00022-00000"))
    again = same(21, question="请问住院费用明细上传提示目录编码不存在, 患者不能出院结算")
    await desk.put(again.encode(), "case.resolved")
    await until("the second is there", lambda: state_of(desk, "YB-00021-00000"))
    second = await until("it is proposed", partial(proposed, desk, "YB-00021-00000"))
    assert first["state"] == "draft"
    assert second["proposal"]["like"] == first["id"] and second["proposal"]["likeness"] > 0.8
    await act(desk, second["id"], "keep-apart", why="处理不同")
    await ask(desk, "POST", "/articles/duplicates", LI)
    assert (await ask(desk, "GET", f"/articles/{second['id']}", LI))["state"] == "draft"


async def test_two_cases_of_one_matter_that_are_resolved_at_once_are_proposed_later(desk: Desk) -> None:
    question = "异地备案后仍提示未备案不能直接结算, 窗口已经重新读卡"
    about = {"question": question, "title": question[:12], "resolution": "在国家平台核对备案有效期后重新备案, 次日生效"}
    for case in (31, 32):
        await desk.put(same(case, **about).encode(), "case.resolved")
    numbers = [f"YB-000{case}-00000" for case in (31, 32)]
    for number in numbers:
        await until(f"{number} can be found", partial(found_by, desk, number))

    async def one_is_proposed() -> bool:
        await ask(desk, "POST", "/articles/duplicates", LI)
        states = [(await ask(desk, "GET", f"/articles/{number}", LI))["state"] for number in numbers]
        return sorted(states) == ["draft", "proposed"]

    await until("one of them is proposed", one_is_proposed)


async def test_views_are_counted_and_metrics_tell_the_states(desk: Desk) -> None:
    ref = await published(desk, title="看了又看")
    for _ in range(3):
        await ask(desk, "GET", f"/articles/{ref}", HOSPITAL)

    async def counted() -> bool:
        raw = await desk.mongo[desk.settings.mongo_db]["articles"].find_one({"state.facts.title": "看了又看"})
        return bool(raw and raw["state"]["counts"].get("views", 0) > 0)

    await until("the views are flushed", counted)
    text = (await desk.http.get(desk.url("knowledge", "/metrics"))).text
    assert 'yibao_article_states{state="published"}' in text


async def test_a_date_that_has_come_puts_an_article_in_doubt_once_and_its_review_counts_where_it_was_due(
    desk: Desk,
) -> None:
    review_at = now() + timedelta(days=1)
    id_: str = (await ask(desk, "POST", "/articles", LI, {**CONTENT, "title": "到期"}))["id"]
    await act(desk, id_, "submit")
    await act(desk, id_, "publish", WANG, review_at=review_at.isoformat())
    articles = Articles(desk.mongo[desk.settings.mongo_db])
    assert await question_due(articles, desk.outbox, review_at - timedelta(hours=1)) == 0
    for _ in range(2):
        assert await question_due(articles, desk.outbox, review_at + timedelta(hours=1)) <= 1

    async def questioned() -> bool:
        return bool((await ask(desk, "GET", f"/articles/{id_}", LI))["state"] == "needs_review")

    await until("it is in doubt", questioned)
    assert await question_due(articles, desk.outbox, review_at + timedelta(hours=1)) == 0
    ahead, later = quarter_of(review_at), quarter_of(review_at + timedelta(days=400))
    done, of = await figures(articles, ahead)
    await act(desk, id_, "confirm", WANG)
    assert await figures(articles, ahead) == (done + 1, of)
    done, of = await figures(articles, later)
    assert done == 0 and of > 0, "all that was published has to be reviewed by then"
    steps = (await ask(desk, "GET", f"/articles/{id_}/versions", LI))["versions"][0]["steps"]
    assert [s["type"] for s in steps].count("knowledge.questioned") == 1


async def state_of(desk: Desk, number: str) -> Json | None:
    answer = await desk.http.get(desk.url("knowledge", f"/articles/{number}"), headers=LI)
    return answer.json() if answer.status_code == 200 else None


async def found_by(desk: Desk, number: str) -> bool:
    answer = await desk.http.get(desk.url("knowledge", "/search"), params={"q": number}, headers=LI)
    return number in answer.text.replace('"query":"' + number, "")
