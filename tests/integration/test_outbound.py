"""Answers on channels that intake serves itself, sent to real HTTP servers that behave and misbehave as vendors do."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pymongo.asynchronous.collection import AsyncCollection

from chassis.vault import Vault
from services.intake.channels.ports import Ports
from services.intake.replies import budget
from services.intake.replies.windows import Windows, queries
from services.intake.store import Cases
from tests.integration.cases import alerts, case_of, do, fresh
from tests.support.desk import Desk, desk_in
from tests.support.provider import OK, SILENCE, Answer, Provider, providing
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

KEY = bytes(range(32))
SECRET = "webhook-secret"
CHANNELS = """
senders:
  wechat: {{kind: wecom, url: "{url}", corp_id: ww1, corp_secret: "${{CORP_SECRET}}", agent_id: "1000002"}}
  web: {{kind: webhook, url: "{url}/hook", secret: {secret}}}
"""


def environment(directory: Path, url: str) -> dict[str, str]:
    path = directory / "channels.yaml"
    path.write_text(CHANNELS.format(url=url, secret=SECRET), encoding="utf-8")
    return {
        "YIBAO_CHANNELS": str(path), "CORP_SECRET": "s3cret", "YIBAO_SEND_WITHIN_S": "2",
        "YIBAO_SECRET_KEY": base64.b64encode(KEY).decode(),
    }  # fmt: skip


@pytest.fixture(scope="module")
def vendor() -> Iterator[tuple[Provider, str]]:
    with providing() as found:
        yield found


@pytest.fixture(scope="module")
def provider(vendor: tuple[Provider, str]) -> Provider:
    return vendor[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, vendor: tuple[Provider, str]) -> AsyncIterator[Desk]:
    directory = tmp_path_factory.mktemp("outbound")
    async with desk_in(directory, "intake", "notify", **environment(directory, vendor[1])) as desk:
        yield desk


async def asked(desk: Desk, name: str, channel: Any = "wechat", address: dict[str, str] | None = None) -> str:
    """The id of a case that somebody has opened whom the desk knows how to reach."""
    message = fresh(name, channel=channel)
    if address is None:
        address = {"kind": "app", "agent_id": "1", "to_user": f"user-{name}"}
    if address:
        ports = Ports(desk.outbox, desk.mongo[desk.settings.mongo_db], Vault(KEY))
        await ports.remember(message, address)
    await desk.send(message)

    async def look() -> Json | None:
        answer: Json = await desk.get("intake", f"/messages/{channel}/{name}")
        return answer if "outcome" in answer else None

    return str((await until(f"{name} is in a case", look))["id"])


async def reported(desk: Desk, case: str, n: int = 1) -> list[Json]:
    """What the case's timeline says about its replies, as soon as it says something about `n` of them."""

    async def look() -> list[Json] | None:
        timeline = (await desk.get("intake", f"/cases/{case}"))["timeline"]
        found = [e for e in timeline if e["type"] == "case.reply_reported"]
        return found if len(found) >= n else None

    return await until(f"{n} replies of {case} are reported", look)


async def answered(desk: Desk, case: str, text: str) -> tuple[str, str]:
    """Answer; what became of it and why."""
    response = await do(desk, case, "respond", text=text)
    assert response.status_code == 200, response.text
    [report] = await reported(desk, case)
    return report["outcome"], report["reason"]


async def test_an_answer_reaches_the_vendor_once_and_the_case_says_so(desk: Desk, provider: Provider) -> None:
    case = await asked(desk, "plain")
    assert await answered(desk, case, "请重新签到后再结算") == ("sent", "")
    [request] = provider.about("请重新签到后再结算")
    assert request.path == "/cgi-bin/message/send?access_token=token-1"
    assert request.body == {
        "touser": "user-plain", "agentid": 1000002, "msgtype": "text", "text": {"content": "请重新签到后再结算"},
    }  # fmt: skip


async def test_the_token_is_fetched_again_when_it_has_run_out(desk: Desk, provider: Provider) -> None:
    provider.answers["凭证过期也要送到"] = [Answer(200, {"errcode": 42001, "errmsg": "access_token expired"})]
    before = provider.tokens
    assert (await answered(desk, await asked(desk, "token"), "凭证过期也要送到"))[0] == "sent"
    assert provider.tokens == before + 1
    first, second = (a.path.partition("=")[2] for a in provider.about("凭证过期也要送到"))
    assert first != second


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("limited", Answer(429, {"errcode": 45009}, {"Retry-After": "1"})),
        ("busy", Answer(200, {"errcode": -1, "errmsg": "system busy"})),
    ],
)
async def test_passing_trouble_is_waited_out(desk: Desk, provider: Provider, name: str, trouble: Answer) -> None:
    provider.answers[f"再试一次 {name}"] = [trouble]
    assert (await answered(desk, await asked(desk, name), f"再试一次 {name}"))[0] == "sent"
    assert len(provider.about(f"再试一次 {name}")) == 2


async def test_an_answer_that_may_have_gone_out_is_left_to_staff(desk: Desk, provider: Provider) -> None:
    provider.answers["可能已发出"] = [Answer(502, b"<html>Bad Gateway</html>")]
    outcome, reason = await answered(desk, await asked(desk, "broken"), "可能已发出")
    assert outcome == "failed" and "不能确定是否已发出" in reason
    assert len(provider.about("可能已发出")) == 1


async def test_a_refusal_is_final_and_the_desk_hears_of_it(desk: Desk, provider: Provider) -> None:
    words = {"errcode": 95001, "errmsg": "send msg count limit"}
    provider.answers["超出次数"] = [Answer(200, words)]
    case = await asked(desk, "spent")
    outcome, reason = await answered(desk, case, "超出次数")
    assert outcome == "refused" and "回复次数已用完" in reason and "95001" in reason
    [alert] = [a for a in await alerts(desk, case, "reply_not_sent") if a["rule"] == "reply_not_sent"]
    assert "请改打电话" in alert["body"]
    assert len(provider.about("超出次数")) == 1


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("secret", Answer(200, {"errcode": 60020, "errmsg": "not allow to access from your ip"}), "60020"),
        ("garbled", Answer(200, b"\xff\xfe not json"), "看不懂"),
        ("forbidden", Answer(403, {}), "请检查渠道配置"),
    ],
)
async def test_what_trying_again_cannot_mend_fails_at_once(
    desk: Desk, provider: Provider, name: str, answer: Answer, words: str
) -> None:
    provider.answers[f"没有用 {name}"] = [answer]
    outcome, reason = await answered(desk, await asked(desk, name), f"没有用 {name}")
    assert outcome == "failed" and words in reason
    assert len(provider.about(f"没有用 {name}")) == 1


async def test_a_silent_vendor_is_not_asked_twice_and_holds_up_no_other_channel(desk: Desk, provider: Provider) -> None:
    provider.answers["石沉大海"] = [SILENCE]
    slow = await asked(desk, "slow")
    quick = await asked(desk, "quick", "web", {"form": "f-1"})
    assert (await do(desk, slow, "respond", text="石沉大海")).status_code == 200

    async def holding() -> bool:
        return bool(provider.about("石沉大海"))

    await until("the vendor holds the request", holding)
    assert (await answered(desk, quick, "网页照样送达"))[0] == "sent"
    [report] = await reported(desk, slow)
    assert report["outcome"] == "failed" and "不能确定是否已发出" in report["reason"]
    assert len(provider.about("石沉大海")) == 1


async def test_a_webhook_is_signed_and_says_which_reply_it_is(desk: Desk, provider: Provider) -> None:
    provider.answers["带签名的回复"] = [Answer(503, {}), OK]
    case = await asked(desk, "signed", "web", {"form": "f-2"})
    assert (await answered(desk, case, "带签名的回复"))[0] == "sent"
    first, second = provider.about("带签名的回复")
    assert first.raw == second.raw
    body = json.loads(first.raw)
    assert body["to"] == {"form": "f-2"} and body["text"] == "带签名的回复"
    [reply] = [m for m in await desk.stream("CHANNEL") if m.get("text") == "带签名的回复" and "recorded_at" in m]
    assert body["reply_id"] == reply["id"]
    stamped = first.headers["X-Yibao-Timestamp"].encode() + b"." + first.raw
    digest = hmac.new(SECRET.encode(), stamped, hashlib.sha256).hexdigest()
    assert first.headers["X-Yibao-Signature"] == f"sha256={digest}"


async def test_without_an_address_staff_are_told_to_phone(desk: Desk) -> None:
    case = await asked(desk, "nowhere", address={})
    outcome, reason = await answered(desk, case, "无处可寄")
    assert outcome == "failed" and "请改打电话" in reason


async def test_a_channel_of_an_outside_adapter_is_left_alone(desk: Desk) -> None:
    case = await asked(desk, "outside", "onsite", {"who": "x"})
    assert (await do(desk, case, "respond", text="由外部适配器发送")).status_code == 200
    await desk.handled("intake")
    assert await desk.mongo[desk.settings.mongo_db]["sent"].count_documents({"channel": "onsite"}) == 0
    timeline = (await desk.get("intake", f"/cases/{case}"))["timeline"]
    assert [e["type"] for e in timeline if e["type"] == "case.reply_reported"] == []


async def test_staff_hear_once_of_a_window_that_closes_and_are_sent_to_the_phone_afterwards(desk: Desk) -> None:
    ago = datetime.now(UTC) - timedelta(hours=45)
    await desk.send(fresh("closing", occurred_at=ago), fresh("closed", occurred_at=ago - timedelta(hours=5)))
    closing, closed = [(await case_of(desk, name))["id"] for name in ("closing", "closed")]
    budget.configure({"wechat": budget.WECHAT})
    windows = Windows(Cases(desk.mongo[desk.settings.mongo_db], Vault(KEY)), desk.outbox)
    assert await windows.sweep(datetime.now(UTC)) == 1
    await desk.handled("intake")
    assert await windows.sweep(datetime.now(UTC)) == 0
    found = [a for a in await alerts(desk, closing, "window_closing") if a["rule"] == "window_closing"]
    assert len(found) == 1 and "还可回复 5 次" in found[0]["body"]
    late = await do(desk, closed, "respond", text="太晚了")
    assert (late.status_code, late.json()["code"]) == (409, "window_closed")
    assert (await do(desk, closed, "respond", text="已电话告知", via="phone")).status_code == 200


async def test_the_look_for_closing_windows_is_answered_by_its_own_indexes(desk: Desk) -> None:
    cases = desk.mongo[desk.settings.mongo_db]["cases"]
    by_time, by_count = queries("wechat", budget.WECHAT, datetime.now(UTC))
    assert "window" in await _planned(cases, by_time)
    assert "replies" in await _planned(cases, by_count)


async def _planned(cases: AsyncCollection[Json], query: Json) -> set[str]:
    """The indexes that MongoDB considers for a query; none for a scan of the whole collection."""
    plan = (await cases.find(query).explain())["queryPlanner"]
    plans = [plan["winningPlan"], *plan["rejectedPlans"]]
    return set(re.findall(r"'indexName': '(\w+)'", str(plans)))


async def test_a_reply_that_was_cut_off_by_a_crash_is_reported_and_not_sent_twice(
    desk: Desk, provider: Provider, tmp_path_factory: pytest.TempPathFactory, vendor: tuple[Provider, str]
) -> None:
    provider.answers["断电之前"] = [SILENCE]
    case = await asked(desk, "crash")
    assert (await do(desk, case, "respond", text="断电之前")).status_code == 200

    async def holding() -> bool:
        return bool(provider.about("断电之前"))

    await until("the vendor holds the request", holding)
    await desk.kill("intake")
    await desk.start("intake", **environment(tmp_path_factory.mktemp("again"), vendor[1]))
    [report] = await reported(desk, case)
    assert report["outcome"] == "failed" and "发送途中服务中断" in report["reason"]
    assert len(provider.about("断电之前")) == 1
