"""Ctrl-C stops everything in order, the next `yibao up` finds its data; servers may be external; the dead come back."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import Up, running
from tests.support.servers import Servers, settings_in
from tests.support.wait import until
from yibao.services import SERVICES

pytestmark = pytest.mark.e2e

NAMES = {entry.name for entry in SERVICES}


async def send(up: Up, *names: str) -> None:
    """Each becomes a case."""
    for name in names:
        sent = await up.yibao("send", f"第{name}个问题", "--sender", name, "--message-id", name)
        assert sent.code == 0, sent.err

    async def all_are_cases() -> bool:
        answers = [await up.http.get(up.url("intake", f"/messages/wechat/{name}")) for name in names]
        return all(answer.is_success for answer in answers)

    await until("every message has a case", all_are_cases)


async def cases(up: Up) -> int:
    total: int = (await up.get("intake", "/cases/counts"))["total"]
    return total


async def test_ctrl_c_stops_services_before_servers_and_the_next_up_finds_its_data(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with running(settings) as up:
        await send(up, "1", "2", "3")
        children = up.children()
        assert sorted(children.values()) == sorted([*NAMES, "nats-server", "mongod"])
        code, ended = await up.interrupt()  # fails when it takes more than ten seconds
        assert code == 0
        assert set(ended[: len(NAMES)]) == NAMES, "services end before the servers they need"
        assert set(ended[len(NAMES) :]) == {"nats-server", "mongod"}
        assert not [pid for pid in children if os.path.exists(f"/proc/{pid}")]  # noqa: PTH110
        assert up.printed().rstrip().endswith("已停止。")
    async with running(settings) as again:
        assert await cases(again) == 3
        await send(again, "4")
        assert await cases(again) == 4


async def test_external_servers_take_the_place_of_the_embedded_ones(servers: Servers, tmp_path: Path) -> None:
    settings = servers.settings
    urls = {"YIBAO_NATS_URL": settings.nats_url, "YIBAO_MONGO_URL": settings.mongo_url}
    user = {"YIBAO_NATS_USER": settings.nats_user, "YIBAO_NATS_PASSWORD": settings.nats_password.get_secret_value()}
    async with running(settings_in(tmp_path / "up"), **urls, **user) as up:
        assert set(up.children().values()) == NAMES
        assert up.printed().count("外部") == 2
        await send(up, "1")
        code, _ = await up.interrupt()
        assert code == 0
    assert not (tmp_path / "up" / "nats").exists() and not (tmp_path / "up" / "mongo").exists()


@pytest.mark.asyncio(loop_scope="session")
async def test_a_service_that_was_killed_is_started_again_and_that_is_told(up: Up) -> None:
    [killed] = [pid for pid, name in up.children().items() if name == "knowledge"]
    os.kill(killed, signal.SIGKILL)

    async def ready_again() -> bool:
        try:
            answer = await up.http.get(up.url("knowledge", "/health/ready"))
        except httpx.HTTPError:
            return False
        return answer.is_success and killed not in up.children()

    await until("knowledge is ready again", ready_again)
    assert "服务 knowledge 退出 (代码 -9), 0.5 秒后重启" in up.printed()
