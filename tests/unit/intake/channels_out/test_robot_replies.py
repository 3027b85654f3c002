"""Where a group robot is answered: at the address of its callback, as long as that is the vendor's."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.posting import Declined, Later, SendFailed
from services.intake.channels.outbound.wechat import VENDOR, Wechat, WechatSender
from tests.support.provider import Answer, providing


def sender(http: httpx.AsyncClient, url: str = "") -> Wechat:
    return Wechat(
        WechatSender.model_validate({"kind": "wecom", "corp_id": "ww1", "corp_secret": "s", "url": url}), http
    )


async def test_a_robot_is_answered_at_its_own_address_and_without_a_token() -> None:
    with providing() as (provider, url):
        async with httpx.AsyncClient(trust_env=False) as http:
            address = {"kind": "room", "chat_id": "r", "reply_url": f"{url}/cgi-bin/webhook/send?key=k1"}
            await sender(http, url)(address, "请重新签到")
        [asked] = provider.asked
        assert (asked.path, provider.tokens) == ("/cgi-bin/webhook/send?key=k1", 0)
        assert asked.body == {"msgtype": "text", "text": {"content": "请重新签到"}}


async def test_an_intelligent_robot_takes_markdown_only_and_one_answer_to_each_question() -> None:
    with providing() as (provider, url):
        provider.answers["再答一次"] = [Answer(200, {"errcode": 846604, "errmsg": "response code used"})]
        address = {"reply_url": f"{url}/cgi-bin/aibot/response?response_code=c", "to_user": "u"}
        async with httpx.AsyncClient(trust_env=False) as http:
            await sender(http, url)(address, "已恢复")
            with pytest.raises(Declined, match="再@一次"):
                await sender(http, url)(address, "再答一次")
        assert provider.asked[0].body == {"msgtype": "markdown", "markdown": {"content": "已恢复"}}


@pytest.mark.parametrize(
    ("answer", "kind", "unsure"),
    [
        (Answer(200, {"errcode": 45009, "errmsg": "freq"}), Later, False),
        (Answer(503), Later, False),
        (Answer(500), SendFailed, True),
        (Answer(502), SendFailed, True),
        (Answer(504), SendFailed, True),
        (Answer(200, {"errcode": 93000, "errmsg": "invalid webhook url"}), SendFailed, False),
        (Answer(200, b"not json"), SendFailed, True),
    ],
)
async def test_a_robot_s_answers_are_judged_as_all_others(answer: Answer, kind: type[SendFailed], unsure: bool) -> None:
    with providing() as (provider, url):
        provider.answers["x"] = [answer]
        async with httpx.AsyncClient(trust_env=False) as http:
            with pytest.raises(kind) as failed:
                await sender(http, url)({"reply_url": f"{url}/cgi-bin/webhook/send?key=x"}, "x")
        assert failed.value.unsure is unsure


async def test_an_answer_is_never_led_elsewhere() -> None:
    with providing() as (provider, url), providing() as (inside, other):
        provider.answers["x"] = [Answer(302, b"", {"Location": f"{other}/secret"})]
        async with httpx.AsyncClient(trust_env=False) as http:
            with pytest.raises(SendFailed):
                await sender(http, url)({"reply_url": f"{url}/cgi-bin/webhook/send?key=x"}, "x")
        assert not inside.asked


ELSEWHERE = [
    "http://qyapi.weixin.qq.com/cgi-bin/webhook/send", "https://qyapi.weixin.qq.com.evil.cn/", "https://evil.cn/",
    "https://qyapi.weixin.qq.com@127.0.0.1/", "https://evil.cn\\@qyapi.weixin.qq.com/", "https://x:y@qyapi.weixin.qq.com/",
    "https://qyapi.weixin.qq.com:8443/", "http://127.0.0.1:8101/cases", "http://169.254.169.254/", "file:///etc/passwd",
    "//qyapi.weixin.qq.com/", "https://", "https://[::1", "https://qyapi.weixin.qq.com\n.evil.cn/", "x" * 5_000,
    "https://evil.cn#@qyapi.weixin.qq.com/", "https://evil.cn?@qyapi.weixin.qq.com/", "https://ｅvil.cn/",
]  # fmt: skip
PIECES = st.sampled_from(
    ["https://", "http://", "qyapi.weixin.qq.com", "127.0.0.1", "evil.cn", "@", ":", "/", "\\", "#", "?", ".", "%00",
     "%2f", "[", "]", "::1", "443", "8443", "\u3002", "\uff20"]
)  # fmt: skip
ODD = st.lists(PIECES | st.text(max_size=3), min_size=1, max_size=8).map("".join)


async def sent_to(url: str) -> list[httpx.URL]:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json={"errcode": 0})

    try:
        await sender(httpx.AsyncClient(transport=httpx.MockTransport(answer)))({"reply_url": url}, "x")
    except SendFailed as failed:
        assert failed.permanent
    return asked


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_an_address_that_is_not_the_vendor_s_is_not_called(url: str) -> None:
    assert await sent_to(url) == []


@given(ODD | st.sampled_from(["https://", "https:/"]).flatmap(lambda start: ODD.map(lambda rest: start + rest)))
async def test_no_spelling_of_an_address_leads_anywhere_but_to_the_vendor(url: str) -> None:
    for asked in await sent_to(url):
        assert f"{asked.scheme}://{asked.netloc.decode()}" == VENDOR
