"""What becomes of a reply: which trouble is waited out, which is final, and which nobody can be sure of."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.folding import DELAYS_S
from chassis.posting import LONGEST_WAIT_S, UNSURE, Declined, Later, SendFailed, call, retry_after, signed
from services.intake.channels.config import Channels, ConfigError, load
from services.intake.channels.outbound.senders import build, limits
from services.intake.channels.outbound.verdict import judge
from services.intake.channels.outbound.wechat import MOST_BYTES, Wechat, WechatSender
from services.intake.replies.budget import WECHAT, Limit
from tests.support.make import NOON
from tests.support.provider import TOKEN

errors = st.sampled_from(
    [
        SendFailed("x"), SendFailed("x", permanent=True), SendFailed("x", unsure=True), Later("x", 3.0), Declined("x"),
        TimeoutError(), RuntimeError("x"), KeyError("x"),
    ]
)  # fmt: skip


@given(error=errors, tries=st.integers(0, 20))
def test_every_attempt_comes_to_an_end_after_six_at_most(error: Exception, tries: int) -> None:
    verdict = judge(error, tries)
    assert verdict.outcome in ("refused", "failed") if verdict.after_s is None else verdict.outcome == ""
    assert verdict.after_s is None or tries < len(DELAYS_S)
    assert verdict.reason


@given(error=errors, tries=st.integers(0, 20))
def test_what_may_have_gone_out_is_never_tried_again(error: Exception, tries: int) -> None:
    sure = isinstance(error, SendFailed) and not error.unsure
    verdict = judge(error, tries)
    assert sure or (verdict.after_s is None and verdict.reason.count(UNSURE) == 1)


@given(asked=st.floats(0, 5_000), tries=st.integers(0, 4))
def test_the_wait_is_the_longer_of_ours_and_the_channel_s_and_never_above_ten_minutes(asked: float, tries: int) -> None:
    after = judge(Later("x", asked), tries).after_s
    assert after == max(DELAYS_S[tries], min(asked, LONGEST_WAIT_S))


@given(value=st.text(max_size=40))
def test_any_retry_after_header_is_understood_or_ignored(value: str) -> None:
    assert retry_after(value, NOON) >= 0


def test_retry_after_names_seconds_or_a_date() -> None:
    assert retry_after("120") == 120
    later = datetime(2026, 11, 22, 4, 2, tzinfo=UTC)
    assert retry_after(format_datetime(later, usegmt=True), NOON) == 120
    assert retry_after("soon") == 0


def wechat(answer: Callable[[httpx.Request], httpx.Response], **more: Any) -> Wechat:
    """Over httpx's own in-process transport: the requests are built and parsed as on the wire."""
    settings = WechatSender.model_validate({"kind": "wecom", "corp_id": "ww1", "corp_secret": "s", **more})
    return Wechat(settings, httpx.AsyncClient(transport=httpx.MockTransport(answer)))


@pytest.mark.parametrize(
    ("more", "address", "path"),
    [
        ({}, {"kind": "app", "to_user": "u", "agent_id": "7"}, "/cgi-bin/message/send"),
        ({"open_kfid": "kf1"}, {"kind": "app", "to_user": "u", "agent_id": "7"}, "/cgi-bin/kf/send_msg"),
        ({}, {"kind": "room", "chat_id": "r"}, "/cgi-bin/appchat/send"),
        ({"kind": "official"}, {"kind": "single", "to_user": "u"}, "/cgi-bin/message/custom/send"),
    ],
)
async def test_each_kind_of_conversation_is_answered_where_it_was_held(
    more: dict[str, str], address: dict[str, str], path: str
) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=TOKEN if request.method == "GET" else {"errcode": 0, "errmsg": "ok"})

    await wechat(answer, **more)(address, "请重新签到")
    assert [r.url.path for r in seen][1:] == [path]
    host = "api.weixin.qq.com" if more.get("kind") == "official" else "qyapi.weixin.qq.com"
    assert {r.url.host for r in seen} == {host}


async def test_a_text_that_the_vendor_would_cut_is_refused_before_anything_is_sent() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing is to be sent")

    with pytest.raises(Declined, match="分成几条"):
        await wechat(answer)({"to_user": "u"}, "长" * (MOST_BYTES // 3 + 1))


async def test_a_wrong_secret_is_final_and_a_busy_token_server_is_not() -> None:
    def wrong(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"errcode": 40001, "errmsg": "invalid credential"})

    def busy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"errcode": -1, "errmsg": "system busy"})

    with pytest.raises(SendFailed, match="检查渠道配置") as final:
        await wechat(wrong)({"to_user": "u"}, "x")
    assert final.value.permanent
    with pytest.raises(Later):
        await wechat(busy)({"to_user": "u"}, "x")


async def test_a_person_whom_the_application_cannot_see_has_not_got_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={**TOKEN, "invaliduser": "u"})

    with pytest.raises(Declined, match="可见范围"):
        await wechat(answer)({"to_user": "u", "agent_id": "7"}, "x")


@given(
    body=st.dictionaries(
        st.sampled_from(["errcode", "errmsg", "access_token", "expires_in", "invaliduser"]),
        st.none() | st.booleans() | st.integers(-5, 99_999) | st.text(max_size=9) | st.lists(st.integers(), max_size=2),
    )
)
async def test_whatever_the_vendor_answers_only_one_kind_of_error_comes_of_it(body: dict[str, Any]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=TOKEN if request.method == "GET" else body)

    def no_token(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=body if request.method == "GET" else {"errcode": 0})

    for odd in (answer, no_token):
        try:
            await wechat(odd)({"to_user": "u", "agent_id": "7"}, "x")
        except SendFailed as error:
            assert str(error)


@pytest.mark.parametrize(("code", "again"), [(429, True), (503, True), (500, False), (502, False), (504, False)])
async def test_only_what_certainly_did_not_go_out_is_sent_again(code: int, again: bool) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(code))) as http:
        with pytest.raises(SendFailed) as failed:
            await call(http, "POST", "http://127.0.0.1/")
        assert (isinstance(failed.value, Later), failed.value.unsure) == (again, not again)
        with pytest.raises(Later):
            await call(http, "POST", "http://127.0.0.1/", repeatable=True)


def test_the_signature_covers_the_time_and_every_byte() -> None:
    one = signed("k", b"body", 1)
    assert one == signed("k", b"body", 1)
    assert len({s["X-Yibao-Signature"] for s in (one, signed("k", b"body", 2), signed("k", b"bodY", 1))}) == 3


def test_only_wechat_has_a_budget_unless_the_file_says_otherwise() -> None:
    assert limits(Channels({})) == {"wechat": WECHAT}
    assert limits(Channels({"budgets": {"wechat": None}})) == {}
    changed = limits(Channels({"budgets": {"qq": {"replies": 2, "hours": 24}}}))
    assert changed == {"wechat": WECHAT, "qq": Limit(2, 24.0, 4.0)}


@pytest.mark.parametrize(
    "section",
    [
        {"wechat": {"kind": "fax"}},
        {"wechat": {"kind": "wecom", "corp_id": "x"}},
        {"web": {"kind": "webhook", "url": "http://127.0.0.1/"}},
        {"pigeon": {"kind": "webhook", "url": "u", "secret": "s"}},
    ],
)
def test_a_mistake_in_the_file_is_named_before_anything_starts(section: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="senders"):
        build(Channels({"senders": section}))


def test_the_shipped_file_sends_nothing() -> None:
    assert build(load(Path(__file__).parents[4] / "services/intake/channels/channels.yaml", {})) == {}
