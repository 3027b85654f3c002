"""Whatever goes wrong on the way to a vendor: whether the letter may have gone out is said rightly."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.posting import Declined, Later, SendFailed, client
from services.notify.providers.build import build
from services.notify.providers.config import load
from tests.integration.transports import HTTP, Bench, transports, vendor
from tests.support.providers.browser import VAPID_KEY
from tests.support.providers.core import (
    BROKEN,
    BROKEN_AFTER,
    BUSY,
    CLOSED,
    GARBAGE,
    HALF,
    RESET,
    SILENT,
    Answer,
    Trouble,
    slow,
)
from tests.support.providers.sections import sections

TROUBLES = {
    "broken": BROKEN_AFTER,
    "closed": CLOSED,
    "half": HALF,
    "reset": RESET,
    "silent": SILENT,
    "garbage": GARBAGE,
}
REPEATABLE = ("webhook", "push")
SECRET = (
    "693a91f6", "wecom-app-secret", "token-1", "ding-access-token", "SECdingtalk", "f1a2b3c4-hook", "feishu-secret",
    "sms-secret", "webhook-secret", VAPID_KEY, "13800138000", "zhang", "/push/screen", "p256dh", "link-token-of-tests",
)  # fmt: skip


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with transports(tmp_path, timeout_s=1.5) as made:
        yield made


def wrong(bench: Bench, name: str, *troubles: Trouble) -> None:
    vendor(bench, name).misbehave("screen" if name == "push" else "接口超时", *troubles)


async def failure(bench: Bench, name: str) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        await bench.send(name)
    return failed.value


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("trouble", ["broken", "closed", "half", "reset", "silent"])
async def test_no_good_answer_is_unsure_unless_twice_is_once(bench: Bench, name: str, trouble: str) -> None:
    wrong(bench, name, TROUBLES[trouble])
    failed = await failure(bench, name)
    assert isinstance(failed, Later) if name in REPEATABLE else failed.unsure
    assert failed.unsure != (name in REPEATABLE) and not failed.permanent
    assert len(vendor(bench, name).taken) == TROUBLES[trouble].taken


@pytest.mark.parametrize("name", [name for name in HTTP if name not in REPEATABLE])
async def test_an_answer_that_nobody_understands_is_unsure(bench: Bench, name: str) -> None:
    wrong(bench, name, GARBAGE, Trouble(answer=Answer(200, {"hello": "world"})) if name != "sms" else GARBAGE)
    assert (await failure(bench, name)).unsure and (await failure(bench, name)).unsure


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_vendor_is_asked_again_when_he_says(bench: Bench, name: str, status: int) -> None:
    wrong(bench, name, Trouble(answer=BUSY.answer._replace(status=status)))
    failed = await failure(bench, name)
    assert isinstance(failed, Later) and failed.after_s == 7
    if name != "push":  # each push service has a pause of its own, kept by the transport
        await bench.send(name)
        assert len(vendor(bench, name).taken) == 1


@pytest.mark.parametrize("name", HTTP)
async def test_a_slow_vendor_is_waited_for(bench: Bench, name: str) -> None:
    wrong(bench, name, slow(0.05))
    await bench.send(name)
    assert len(vendor(bench, name).taken) == 1


@pytest.mark.parametrize(("status", "permanent"), [(401, True), (403, True), (400, True), (302, True), (404, True)])
@pytest.mark.parametrize("name", HTTP)
async def test_a_refusal_is_not_tried_again(bench: Bench, name: str, status: int, permanent: bool) -> None:
    wrong(bench, name, Trouble(answer=Answer(status, {"error": "no"}, {"Location": "http://127.0.0.1:1/"})))
    failed = await failure(bench, name)
    assert failed.permanent is permanent and not failed.unsure
    assert isinstance(failed, Declined) is (status not in (401, 403) or name == "push")


@pytest.mark.parametrize("name", HTTP)
async def test_nothing_is_sent_where_there_is_no_connection(tmp_path: Path, name: str) -> None:
    async with transports(tmp_path, name) as bench:
        letter = bench.letter(name)
    async with client() as http:
        transport = build(load(tmp_path / "providers.yaml", {})[name], http)
        with pytest.raises(Later):
            await transport.send(letter)


@pytest.mark.parametrize("trouble", [BUSY, BROKEN, GARBAGE, CLOSED, HALF, RESET, SILENT])
async def test_without_a_token_nothing_was_sent(bench: Bench, trouble: Trouble) -> None:
    bench.there.app.plan = lambda request, words: trouble if "gettoken" in request.path else None
    assert isinstance(await failure(bench, "app"), Later)
    assert not bench.there.app.taken


async def test_everybody_who_waits_for_a_token_in_vain_says_that_nothing_was_sent(bench: Bench) -> None:
    bench.there.app.plan = lambda request, words: SILENT if "gettoken" in request.path else None
    outcomes = await asyncio.gather(*(bench.send("app", address=f"u{n}") for n in range(6)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Later}
    assert len([one for one in bench.there.app.asked if "gettoken" in one.path]) == 1


async def test_a_vendor_that_never_takes_the_token_is_asked_twice_and_no_more(bench: Bench) -> None:
    wrong(bench, "app", *[Trouble(answer=Answer(200, {"errcode": 42001}))] * 5)
    assert isinstance(await failure(bench, "app"), Later)
    assert len([one for one in bench.there.app.asked if "message" in one.path]) == 2


async def test_who_is_not_to_be_mentioned_at_feishu_is_no_fault_of_the_robot(bench: Bench) -> None:
    with pytest.raises(Declined, match="成员账号无效"):
        await bench.send("feishu", address="张三")


async def test_a_dead_receiver_stops_no_other(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9/"
    async with transports(tmp_path, "webhook", allowed=[nobody], base_url="URL/hook") as several:
        for _ in range(6):
            with pytest.raises(Later) as failed:
                await several.send("webhook", address=nobody)
            assert failed.value.for_one
        assert "暂停发送" in str(failed.value)
        await several.send("webhook", address="/desk")
        assert len(several.there.receiver.taken) == 1


async def test_feishu_says_too_fast_and_malformed_by_the_same_number(bench: Bench) -> None:
    wrong(bench, "feishu", Trouble(answer=Answer(200, {"code": 9499, "msg": "too many request"})))
    wrong(bench, "feishu", Trouble(answer=Answer(400, {"code": 9499, "msg": "Bad Request"})))
    assert isinstance(await failure(bench, "feishu"), Later)
    assert isinstance(await failure(bench, "feishu"), Declined)


async def test_a_vendor_may_say_several_times_what_became_of_a_message(bench: Bench) -> None:
    wrong(bench, "sms", slow(0)._replace(receipts=3))
    sent = await bench.send("sms")
    assert bench.there.sms.receipts == [{"id": sent.provider_id, "status": "DELIVRD"}] * 3


@pytest.mark.parametrize("name", HTTP)
async def test_no_secret_and_no_address_is_in_a_log_or_an_error(
    bench: Bench, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wrong(bench, name, *TROUBLES.values(), Trouble(answer=Answer(400, {"error": "no"})))
    said = []
    for _ in range(len(TROUBLES) + 1):
        try:
            await bench.send(name)
        except SendFailed as error:
            said.append(
                str(error) + repr(error.__cause__) + repr(error.__context__ if not error.__suppress_context__ else "")
            )
    own = "\n".join(record.getMessage() for record in caplog.records)
    assert said and not [secret for secret in SECRET if secret in "\n".join(said) + own]


def test_the_secrets_looked_for_are_those_of_the_file(bench: Bench) -> None:
    file = str(sections(bench.there))
    assert [secret for secret in SECRET if secret in file][:6]
