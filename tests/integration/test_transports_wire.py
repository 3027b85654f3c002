"""What goes over the wire to each vendor is what the vendor documents: the fakes check it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.posting import Declined, Later, SendFailed
from services.notify.transports.words import REPEAT
from tests.integration.transports import HTTP, LINK, Bench, transports, vendor
from tests.support.providers.core import Answer, Limit, Trouble

LONG = "医保结算接口没有应答, 请尽快处理。\n" * 3000


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with transports(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", HTTP)
async def test_a_letter_goes_out_once_with_title_body_and_link(bench: Bench, name: str) -> None:
    await bench.send(name)
    (taken,) = vendor(bench, name).taken
    assert "接口超时" in taken.text and "10 分钟没有应答" in taken.text
    assert LINK in str(taken.given)
    assert REPEAT not in taken.text


@pytest.mark.parametrize("name", HTTP)
async def test_a_repetition_says_so_in_words(bench: Bench, name: str) -> None:
    await bench.send(name, repeat=True)
    assert f"{REPEAT}【紧急】接口超时" in vendor(bench, name).taken[0].text


@pytest.mark.parametrize("name", [name for name in HTTP if name != "webhook"])
async def test_what_is_too_long_is_cut_to_the_vendors_limit(bench: Bench, name: str) -> None:
    await bench.send(name, body=LONG, title="很长的标题" * 10)
    (taken,) = vendor(bench, name).taken
    assert "…" in taken.text and LINK in str(taken.given)


@pytest.mark.parametrize("name", ["feishu", "push"])
async def test_what_grows_by_escaping_fits_as_well(bench: Bench, name: str) -> None:
    await bench.send(name, body='"\n' * 12_000)
    assert len(vendor(bench, name).taken) == 1


@pytest.mark.parametrize("name", HTTP)
async def test_a_body_of_the_promised_length_arrives_whole(bench: Bench, name: str) -> None:
    transport = bench.transports[name]
    room = min(transport.most_bytes // 3 or 10_000, transport.most_characters or 10_000)
    body = "医" * (room if name != "sms" else 100)
    await bench.send(name, body=body)
    assert body in vendor(bench, name).taken[0].text


@pytest.mark.parametrize(("name", "wait_s"), [
    ("robot", 60), ("app", 60), ("dingtalk", 600), ("feishu", 60), ("sms", 30), ("webhook", 3), ("push", 11),
])  # fmt: skip
async def test_who_is_over_the_vendors_limit_is_told_how_long_to_wait(bench: Bench, name: str, wait_s: float) -> None:
    vendor(bench, name).limit = Limit(2, 60)
    for number in range(2):
        await bench.send(name, id=f"alert-1.{number}")
    with pytest.raises(Later) as failed:
        await bench.send(name, id="alert-1.2")
    assert failed.value.after_s == wait_s and not failed.value.unsure
    assert len(vendor(bench, name).taken) == 2


async def test_the_robot_mentions_members_in_markdown_and_mobiles_in_text(bench: Bench) -> None:
    await bench.send("robot", address="zhang, wang")
    await bench.send("robot", address="zhang 13800138000 @all")
    first, second = bench.there.robot.taken
    assert first.given["msgtype"] == "markdown" and first.text.endswith("<@zhang><@wang>")
    assert second.given["text"]["mentioned_list"] == ["zhang", "@all"]
    assert second.given["text"]["mentioned_mobile_list"] == ["13800138000"]


async def test_text_and_mentions_of_dingtalk_and_feishu(bench: Bench) -> None:
    await bench.send("dingtalk", address="13800138000 manager1 @all")
    await bench.send("feishu", address="ou_123 @all")
    (ding,), (fei,) = bench.there.dingtalk.taken, bench.there.feishu.taken
    assert ding.given["at"] == {"atMobiles": ["13800138000"], "atUserIds": ["manager1"], "isAtAll": True}
    assert "@13800138000" in ding.text
    assert "<at id=ou_123></at><at id=all></at>" in fei.text and fei.given["card"]["header"]["template"] == "red"


async def test_many_letters_at_once_fetch_one_token(bench: Bench) -> None:
    sent = await asyncio.gather(*(bench.send("app", id=f"alert-{n}.0") for n in range(20)))
    assert bench.there.app.tokens == 1 and len({one.provider_id for one in sent}) == 20


async def test_a_token_that_has_run_out_is_fetched_again_and_the_letter_goes_once(bench: Bench) -> None:
    await bench.send("app")
    bench.there.app.expire()
    await bench.send("app", id="alert-2.0")
    assert bench.there.app.tokens == 2 and len(bench.there.app.taken) == 2


async def test_a_member_that_the_application_does_not_reach_is_declined(bench: Bench) -> None:
    with pytest.raises(Declined, match="成员"):
        await bench.send("app", address="nobody")
    bench.there.app.misbehave("接口超时", Trouble(answer=Answer(200, {"errcode": 0, "invaliduser": "zhang"})))
    with pytest.raises(Declined, match="成员"):
        await bench.send("app")


@pytest.mark.parametrize("address", ["@all", "zhang|wang", "", "zhang\n"])
async def test_an_account_that_would_be_several_or_everybody_is_declined(bench: Bench, address: str) -> None:
    with pytest.raises(Declined):
        await bench.send("app", address=address)
    assert not bench.there.app.asked


async def test_what_wecom_would_drop_without_a_word_waits_instead(bench: Bench) -> None:
    for number in range(30):
        await bench.send("app", id=f"alert-{number}.0")
    with pytest.raises(Later) as failed:
        await bench.send("app", id="alert-30.0")
    assert 0 < failed.value.after_s <= 60 and failed.value.for_one and bench.there.app.dropped == 0
    await bench.send("app", address="wang")


async def test_a_card_without_a_link_goes_as_text_in_which_nothing_becomes_a_link(bench: Bench) -> None:
    await bench.send("app", link="", body='<a href="https://evil.example">点我</a>')
    (taken,) = bench.there.app.taken
    assert taken.given["msgtype"] == "text" and "<a" not in taken.text


async def test_a_text_message_keeps_its_link_whole_and_brings_the_gateways_number(bench: Bench) -> None:
    sent = await bench.send("sms", body=LONG)
    (taken,) = bench.there.sms.taken
    assert sent.provider_id == "biz-1" and taken.text.endswith(LINK) and len(taken.text) <= 200


@pytest.mark.parametrize("address", ["28800138000", "13900000000", "138-0013", "", "1380013800013800138000"])
async def test_a_number_that_takes_no_text_messages_is_declined(bench: Bench, address: str) -> None:
    bench.there.sms.blocked = {"13900000000"}
    with pytest.raises(Declined):
        await bench.send("sms", address=address)


async def test_a_number_that_has_had_enough_keeps_nobody_else_waiting(bench: Bench) -> None:
    bench.there.sms.misbehave("接口超时", Trouble(answer=Answer(400, {"code": "NUMBER_LIMIT"})))
    with pytest.raises(Later) as failed:
        await bench.send("sms")
    assert failed.value.for_one


@pytest.mark.parametrize("name", HTTP)
async def test_a_link_that_is_in_the_body_already_is_shown_once(bench: Bench, name: str) -> None:
    label = f"[查看并确认]({LINK})" if bench.transports[name].format == "markdown" else f"查看并确认: {LINK}"
    await bench.send(name, body=f"没有应答\n{label}")
    assert str(vendor(bench, name).taken[0].given).count(LINK) == 1


async def test_a_receiver_takes_a_known_id_once_and_refuses_a_replay(bench: Bench) -> None:
    first = await bench.send("webhook")
    again = await bench.send("webhook", repeat=True)
    receiver = bench.there.receiver
    assert first == again and len(receiver.taken) == 1 and receiver.repeated == 1
    assert receiver.answer(receiver.asked[0]).status == 409


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/hook/desk", "{url}/admin", "{url}/hook/../admin", "{url}/hook/%2e%2e/admin",
        "{url}/hookworm", "http://127.0.0.1@{host}/hook/",
        "file:///etc/passwd", "", "/hook/desk", "{url}/hook/\\..\\admin", "http://[/hook/",
    ],
)  # fmt: skip
async def test_a_webhook_goes_nowhere_but_where_it_is_allowed(bench: Bench, address: str) -> None:
    url = bench.there.url
    with pytest.raises(Declined, match="allowed"):
        await bench.send("webhook", address=address.format(url=url, host=url.removeprefix("http://")))
    assert not bench.there.receiver.asked


async def test_a_webhook_with_one_place_needs_no_address(tmp_path: Path) -> None:
    async with transports(tmp_path, "webhook", base_url="URL/hook", allowed=[]) as bench:
        await bench.send("webhook", address="/desk")
        await bench.send("webhook", address="/")
        with pytest.raises(Declined):
            await bench.send("webhook", address="/../admin")
    assert [one.path for one in bench.there.receiver.asked] == ["/hook/desk", "/hook/"]


async def test_a_browser_that_has_unsubscribed_is_declined(bench: Bench) -> None:
    del bench.there.push.there["screen"]
    with pytest.raises(Declined, match="订阅已失效"):
        await bench.send("push")


@pytest.mark.parametrize(
    "address",
    [
        "{}", "no json", '{"endpoint": "http://169.254.169.254/x", "keys": {"p256dh": "AA", "auth": "AA"}}', "[]",
        '{"endpoint": "http://127.0.0.1.evil.example/x", "keys": {"p256dh": "AA", "auth": "AA"}}',
    ],
)  # fmt: skip
async def test_a_subscription_that_is_none_is_declined_unsent(bench: Bench, address: str) -> None:
    with pytest.raises(Declined, match="桌面通知"):
        await bench.send("push", address=address)
    assert not bench.there.push.asked


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("robot", {"key": "wrong"}), ("app", {"secret": "wrong"}), ("app", {"corp_id": "wrong"}),
        ("app", {"agent_id": 7}), ("dingtalk", {"secret": "wrong"}), ("dingtalk", {"access_token": "wrong"}),
        ("feishu", {"secret": "wrong"}), ("feishu", {"hook": "wrong"}),
        ("sms", {"secrets": {"key": "wrong", "app": "yibao"}}), ("webhook", {"secret": "wrong-wrong-wrong-wrong"}),
    ],
)  # fmt: skip
async def test_wrong_credentials_are_for_an_operator_and_are_not_tried_again(
    tmp_path: Path, name: str, changed: dict[str, Any]
) -> None:
    async with transports(tmp_path, name, **changed) as bench:
        with pytest.raises(SendFailed) as failed:
            await bench.send(name)
    assert failed.value.permanent and not isinstance(failed.value, Declined)
    assert "wrong" not in str(failed.value)
