"""What `yibao doctor` reminds of, which is no reason to call the desk ill; and whether the key is that of the data."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from chassis import deadletter
from chassis.outgoing import Outgoing
from chassis.vault import fingerprint
from services.notify.settings import NotifySettings
from tests.support.desk import Desk, desk_in
from yibao import providing, reminders

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("reminds")) as desk:
        yield desk


async def test_dead_letters_are_counted_and_the_last_one_is_dated(desk: Desk) -> None:
    assert await reminders.dead_letters(desk.settings) is None
    for n in range(3):
        headers = {deadletter.REASON: "x", deadletter.SUBJECT: "channel.in.web"}
        await desk.outbox.publish([Outgoing("dead.CHANNEL.intake-channel", b"{", f"dead-{n}", headers)])
    said = await reminders.dead_letters(desk.settings) or ""
    assert said.startswith("共 3 条, 最近一条 ") and "yibao dead list" in said


async def test_a_service_that_does_not_answer_is_not_called_in_order(desk: Desk) -> None:
    assert await reminders.holidays(desk.settings, date(2026, 11, 22)) == "没有检查: sla 没有回应"


async def test_a_key_that_is_not_the_one_of_the_addresses_is_told(desk: Desk) -> None:
    vault = desk.mongo[desk.settings.mongo_db]["vault"]
    mine = NotifySettings.model_validate({"secret_key": b64encode(b"k" * 32).decode(), "data_dir": "/nowhere"})
    none = NotifySettings.model_validate({"secret_key": "", "data_dir": "/nowhere"})
    assert await providing.sealed_trouble(desk.settings, mine) is None
    assert await vault.count_documents({}) == 0, "nothing is noted by looking"
    await vault.insert_one({"_id": "key", "fingerprint": fingerprint(b"another key of the same length!!")})
    said = await providing.sealed_trouble(desk.settings, mine) or ""
    assert "受理服务" in said and "同一个密钥" in said
    assert await providing.sealed_trouble(desk.settings, none) == providing.NO_KEY
    away = desk.settings.model_copy(update={"mongo_url": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50"})
    assert "连不上 MongoDB" in (await providing.sealed_trouble(away, mine) or "")


async def test_the_doctor_reads_the_file_of_providers(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "providers.yaml"
    monkeypatch.setenv("YIBAO_NOTIFY_PROVIDERS", str(path))
    path.write_text("providers: {pigeons: {kind: pigeon}}")
    code, said = await desk.command("doctor")
    assert code == 1 and "providers.pigeons 没有这种类型 (kind), 可选 email" in said
    path.write_text("providers: {}")
    assert "没有这种类型" not in (await desk.command("doctor"))[1]
