"""A newcomer starts the desk, plays the demo, and everything the day promised is there to be read over HTTP."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import pytest
import pytest_asyncio

from tests.e2e.running import Ended, Json, Up
from tests.support.wait import until
from yibao.demo import day
from yibao.demo.personal import survivors

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

EVERYBODY = ["desk", "lead", "staff:chen.jie", "staff:ma.jun", "staff:wang.fang", "staff:li.na", "staff:zhao.lei"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(up: Up) -> Ended:
    """`yibao demo`, played once."""
    return await up.yibao("demo", "--json", "--pace", "0")


@pytest.fixture(scope="module")
def account(played: Ended) -> Json:
    result: Json = json.loads(played.out)
    return result


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def cases(up: Up, account: Json) -> list[Json]:
    """The cases of this play with their timelines, as intake tells them: it was the first on this desk. The one that a
    reconciliation became is of no message of the script."""
    told = await up.get("intake", "/cases", limit=500)
    listed = [case for case in told if not (case["conversation_id"] or "").startswith("reconciliation:")]
    assert sorted(case["id"] for case in listed) == sorted(account["cases"]["ids"])
    return await up.whole(f"/cases/{case['id']}" for case in listed)


def types(case: Json) -> list[str]:
    return [event["type"] for event in case["timeline"]]


def of_message(cases: Sequence[Json], name: str) -> Json:
    """The case that the message of this name in the script has opened."""
    [found] = [c for c in cases if any(m.endswith(f"-{name}") for line in c["lines"] for m in line["message_ids"])]
    return found


async def test_the_demo_keeps_every_promise_it_checks(played: Ended, account: Json) -> None:
    assert [check for check in account["checks"] if not check["ok"]] == []
    assert (played.code, account["ok"]) == (0, True), played.err
    messages = account["messages"]
    assert messages.pop("published") == sum(messages.values()) >= 40
    assert messages["unaccounted"] == 0
    assert min(messages[fate] for fate in ("case", "addition", "duplicate", "resent", "response", "dead")) >= 1


async def test_cases_of_all_channels_are_in_the_state_staff_left_them_in(cases: list[Json], account: Json) -> None:
    assert len(cases) == account["messages"]["case"]
    assert Counter(case["status"] for case in cases) == account["cases"]["by_status"]
    assert set(account["cases"]["by_status"]) == {"new", "in_progress", "waiting", "escalated", "resolved", "closed"}
    assert {case["channel"] for case in cases} == {"wechat", "qq", "phone", "web", "email", "onsite"}
    assert len({case["institution_code"] for case in cases}) > 3


async def test_the_outage_was_escalated_and_its_timeline_tells_how(up: Up, cases: list[Json]) -> None:
    case = of_message(cases, "outage-a")
    told = types(case)
    assert (case["status"], told[0]) == ("escalated", "case.opened")
    assert told.index("case.assigned") < told.index("case.escalated")
    assert case["version"] == len(told), "every event of a case is one version"
    assert case["external_number"].startswith("GS-")
    for_the_lead = await up.get("notify", "/inbox", audience="lead", limit=500)
    assert "escalated" in {alert["rule"] for alert in for_the_lead if alert["case_id"] == case["id"]}


async def test_the_outage_of_three_hospitals_was_told_to_each_once_and_each_is_solved(
    up: Up, cases: list[Json]
) -> None:
    [outage] = await up.get("intake", "/outages")
    children = [case for case in cases if case["outage"] == outage["id"]]
    assert outage["state"] == "resolved" and len(outage["broadcasts"]) == 2, "the warning and the resolution"
    assert {case["channel"] for case in children} == {"web", "phone", "qq"}
    assert len({case["institution_code"] for case in children}) == 3
    assert {case["status"] for case in children} == {"resolved"}
    for case in children:
        told = [event["text"] for event in case["timeline"] if event["type"] == "case.responded"]
        assert [told.count(text) for text in outage["broadcasts"]] == [1, 1]


async def test_every_case_is_with_somebody_on_duty_and_says_why(up: Up, cases: list[Json]) -> None:
    there = {person["engineer"] for person in (await up.get("intake", "/duty/now"))["on_duty"]}
    opened = [case["timeline"][0] for case in cases]
    assert {event["assignee"] for event in opened} <= there and len(there) == 5
    assert all(event["assigned_because"] for event in opened)


async def test_the_change_request_is_with_the_province_and_its_fields_are_kept(cases: list[Json]) -> None:
    case = of_message(cases, "wish")
    assert (case["kind"], case["step"], case["owes"]) == ("change_request", "with_province", "province")
    assert case["external_number"] == "GS-XQ-20261120-07" and case["fields"]["scope"] == "全市"


async def test_the_merged_case_is_closed_and_its_words_are_in_the_other(cases: list[Json]) -> None:
    target = of_message(cases, "trace-call")
    [merged] = [case for case in cases if case["merged_into"] == target["id"]]
    assert (merged["status"], merged["lines"]) == ("closed", [])
    assert {case["channel"] for case in (merged, target)} == {"phone", "qq"}


async def test_the_records_of_all_cases_hold(up: Up, cases: list[Json]) -> None:
    assert all(case["chain"]["ok"] for case in cases)
    audited = await up.yibao("audit")
    assert audited.code == 0, audited.out


async def test_the_drill_was_warned_breached_and_acknowledged(up: Up, cases: list[Json]) -> None:
    case = of_message(cases, "drill")
    assert case["institution_code"] == "P62019900001"
    [clock] = await up.get("sla", "/clocks", case_id=case["id"])
    assert (clock["policy"], clock["warned"], clock["breached"]) == ("演练", True, True)
    inbox = await up.get("notify", "/inbox", audience=EVERYBODY, limit=500)
    alerts = {alert["rule"]: alert for alert in inbox if alert["case_id"] == case["id"]}
    # Where the machine was so busy that both were due at once, nobody is warned any more.
    breached = datetime.fromisoformat(alerts["breach"]["occurred_at"])
    assert "warning" not in alerts or datetime.fromisoformat(alerts["warning"]["occurred_at"]) < breached
    assert (alerts["breach"]["state"], alerts["breach"]["acknowledged_by"]) == ("acknowledged", "zhao.lei")


async def test_what_was_resolved_is_found_by_its_words(up: Up, cases: list[Json]) -> None:
    solved = {case["number"] for case in cases if "case.resolved" in types(case)}
    assert len(solved) >= 5
    for step in day.steps():
        if isinstance(step, day.Search):
            hits = (await up.get("knowledge", "/search", q=step.search))["hits"]
            assert {hit["number"] for hit in hits} & solved, step.search
    articles = [await up.get("knowledge", f"/articles/{number}") for number in solved]
    assert {article["number"] for article in articles} == solved


async def test_the_report_is_finished_and_its_workbook_opens(up: Up, account: Json) -> None:
    run = await up.get("stats", f"/runs/{account['run']['id']}")
    assert (run["status"], run["result"]["rows_in"]) == ("finished", 2_000)
    where = up.url("stats", f"/runs/{run['id']}/output.xlsx")
    answer = await up.http.get(where, headers={"X-Yibao-Staff": "li.na"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as workbook:
        assert workbook.testzip() is None
        assert "xl/workbook.xml" in workbook.namelist()


async def test_a_month_was_counted_by_the_catalogue_and_the_reports_can_be_taken(up: Up, account: Json) -> None:
    assert set(account["reckoned"]["reports"]) == {"medical_fund_expenditure", "card_payments"}
    for report, counted in account["reckoned"]["reports"].items():
        run = next(r for r in await up.get("stats", "/runs", report=report) if r["status"] == "finished")
        assert (run["result"]["rows_out"], run["after"] is not None) == (counted["rows"], True)
        answer = await up.http.get(
            up.url("stats", f"/runs/{run['id']}/output.xlsx"), headers={"X-Yibao-Staff": "li.na"}
        )
        assert answer.content.startswith(b"PK")


async def test_the_planted_differences_are_a_case_of_the_hospital(up: Up, account: Json) -> None:
    known = account["reckoned"]["reconciliation"]
    case = await up.get("intake", f"/cases/{known['case']}")
    assert case["institution_code"] == "H62010290002" and "9 条差异" in case["lines"][0]["text"]
    found = await up.get("stats", f"/reconciliations/{known['id']}/differences")
    assert sorted(d["of"] for d in found["differences"]) == list(range(1, 10))


async def test_no_number_of_a_person_survives_in_cases_alerts_or_articles(up: Up, cases: list[Json]) -> None:
    planted = day.planted(day.steps())
    alerts = await up.get("notify", "/inbox", audience=EVERYBODY, limit=500)
    stored = [d for name in ("cases", "clocks", "alerts", "articles") for d in await up.stored(name)]
    assert len(planted) > 10 and len(cases) > 20 and len(alerts) > 20 and len(stored) > 60
    assert survivors(planted, [*cases, *alerts, *stored]) == []


async def test_dead_letters_are_listed_with_their_reason_and_shown_masked(up: Up, account: Json) -> None:
    listed = await up.yibao("dead", "list")
    assert listed.code == 0 and len(account["dead_letters"]) >= 2
    assert all(letter["reason"] in listed.out for letter in account["dead_letters"])
    shown = await up.yibao("dead", "show", "1")
    assert shown.code == 0 and "channel.in." in shown.out


async def test_the_doctor_finds_nothing_wrong_and_reminds_of_dead_letters(up: Up, account: Json) -> None:
    examined = await up.yibao("doctor")
    assert examined.code == 0, examined.out
    assert examined.out.count("正常") >= 11 and "有问题" not in examined.out
    assert account["dead_letters"] and "yibao dead list" in examined.out, "a reminder, and no fault"


async def test_a_sent_message_becomes_a_case(up: Up) -> None:
    sent = await up.yibao("send", "1101读卡没有返回", "--channel", "qq", "--sender", "e2e", "--message-id", "sent-1")
    assert (sent.code, sent.out) == (0, "已发送 qq 消息 sent-1\n")

    async def opened() -> Json | None:
        answer = await up.http.get(up.url("intake", "/messages/qq/sent-1"))
        return answer.json() if answer.is_success else None

    case = await until("the message has a case", opened)
    assert (case["outcome"], case["title"]) == ("case", "1101读卡没有返回")
