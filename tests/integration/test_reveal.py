"""Originals on real servers: sealed in the database, given out only after it is written down who reads them and why."""

import base64
import os
import sys
from typing import Any

import httpx
import pytest

from chassis import store
from chassis.vault import fingerprint
from services.intake.originals.key import KeyLost, check_key
from tests.integration.cases import NOBODY, STAFF, case_of, opened
from tests.support.desk import Desk, desk_in
from tests.support.servers import real_servers
from yibao.process import Process

pytestmark = pytest.mark.real

ID, PHONE = "62010219900307451X", "13812345678"
SAID = f"患者张三，身份证{ID}，2207报错"
KEYS = [base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2)]


async def reveal(
    desk: Desk, case: str, message_id: str = "m1", reason: str = "核对参保人身份", staff: dict[str, str] = STAFF
) -> httpx.Response:
    url = desk.url("intake", f"/cases/{case}/messages/{message_id}/reveal")
    return await desk.http.post(url, json={"reason": reason}, headers=staff)


async def revealed(desk: Desk, case: str) -> list[dict[str, Any]]:
    timeline = (await desk.get("intake", f"/cases/{case}"))["timeline"]
    return [event for event in timeline if event["type"] == "case.revealed"]


async def test_an_original_is_sealed_and_read_only_with_a_reason(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("originals"), "intake", YIBAO_SECRET_KEY=KEYS[0]) as desk:
        case = await opened(desk, "m1", text=SAID, sender=PHONE)
        await opened(desk, "m2", text="2207报错")
        database = desk.mongo[desk.settings.mongo_db]
        assert ID not in str(await case_of(desk, "m1"))
        kept = [row async for row in database["originals"].find()]
        assert len(kept) == 1
        assert ID.encode() not in kept[0]["sealed"]

        assert (await reveal(desk, case, staff=NOBODY)).status_code == 401
        assert (await reveal(desk, case, reason=" 看 ")).status_code == 400
        assert (await reveal(desk, case, message_id="m2")).status_code == 404
        assert (await reveal(desk, (await case_of(desk, "m2"))["id"], "m2")).status_code == 409
        assert await revealed(desk, case) == []

        answer = await reveal(desk, case)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert (answer.json()["text"], answer.json()["sender_id"]) == (SAID, PHONE)
        [event] = await revealed(desk, case)
        assert (event["message_id"], event["reason"], event["actor"]["id"]) == ("m1", "核对参保人身份", "wang")

        [note] = await desk.stream("AUDIT")
        assert (note["act"], note["actor"]["id"], note["service"]) == ("revealed", "wang", "intake")
        assert note["object"] == (await case_of(desk, "m1"))["number"] and note["address"] == "127.0.0.1"
        assert ID not in str(note) and PHONE not in str(note)

        log = desk.settings.data_dir / "logs" / "intake.log"
        assert ID not in log.read_text(encoding="utf-8")
        assert PHONE not in log.read_text(encoding="utf-8")

        await desk.stop("intake")
        environment = {**desk.settings.environment(), "YIBAO_SECRET_KEY": KEYS[1]}
        other = Process("intake", [sys.executable, "-m", "yibao.serve", "intake"], log, environment)
        await other.start()
        assert await other.wait() == os.EX_CONFIG
        said = log.read_text(encoding="utf-8")
        assert "请恢复原来的密钥" in said and KEYS[1] not in said


async def test_a_key_is_not_exchanged_while_originals_are_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with real_servers(tmp_path_factory.mktemp("keys")) as servers:
        client = store.connect(servers.settings.mongo_url)
        db = client["keys"]
        await check_key(db, b"1" * 32)
        await check_key(db, b"2" * 32)
        await db["originals"].insert_one({"_id": "x", "sealed": b""})
        await check_key(db, b"2" * 32)
        with pytest.raises(KeyLost, match="YIBAO_SECRET_KEY"):
            await check_key(db, b"1" * 32)
        [noted] = await db["vault"].find().to_list()
        assert noted["fingerprint"] == fingerprint(b"2" * 32)
        await client.close()
