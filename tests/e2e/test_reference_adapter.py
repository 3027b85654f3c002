"""The adapter of docs/adapters.md as a stranger runs it: only contracts/, pydantic and nats-py can be imported."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.integration.cases import do
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
NEEDED = ("nats", "pydantic", "pydantic_core", "typing_extensions", "annotated_types", "typing_inspection")


def alone(directory: Path) -> Path:
    """A folder with a copy of contracts/ and the two libraries with what they need, and nothing else."""
    directory.mkdir()
    shutil.copytree(ROOT / "contracts", directory / "contracts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEEDED:
        spec = find_spec(name)
        assert spec is not None and spec.origin is not None
        origin = Path(spec.origin)
        origin = origin.parent if origin.name == "__init__.py" else origin
        (directory / origin.name).symlink_to(origin)
    return directory


@asynccontextmanager
async def adapter(desk: Desk, path: Path, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The adapter's process; the end of its input is its end."""
    own = desk.settings.acting(f"adapter-{words[0]}")
    environment = {
        "PYTHONPATH": str(path), "PYTHONUTF8": "1", "YIBAO_NATS_URL": own.nats_url, "YIBAO_NATS_USER": own.nats_user,
        "YIBAO_NATS_PASSWORD": own.nats_password.get_secret_value(),
    }  # fmt: skip
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-S", str(ROOT / "examples" / "adapter.py"), *words, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def case_with(desk: Desk, text: str) -> Json:
    async def look() -> Json | None:
        cases: list[Json] = await desk.get("intake", "/cases", channel="web")
        return next((c for c in cases if any(text in line["text"] for line in c["lines"])), None)

    return await until(f"{text} is in a case", look)


async def reported(desk: Desk, case: str) -> list[str]:
    async def look() -> list[str] | None:
        timeline = (await desk.get("intake", f"/cases/{case}"))["timeline"]
        return [e["outcome"] for e in timeline if e["type"] == "case.reply_reported"] or None

    return await until("the receipt is on the timeline", look)


async def test_the_libraries_of_the_desk_are_out_of_the_adapter_s_reach(tmp_path: Path) -> None:
    path = alone(tmp_path / "lib")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", "import contracts.channel, nats, pydantic, sys; import msgspec",
        env={"PYTHONPATH": str(path)}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await child.communicate()
    assert child.returncode == 1 and "No module named 'msgspec'" in err.decode()


async def test_what_is_typed_becomes_a_case_and_its_answer_is_printed_and_receipted(tmp_path: Path) -> None:
    path = alone(tmp_path / "lib")
    async with desk_in(tmp_path / "desk", "intake") as desk, adapter(desk, path, "web", "县医院信息科") as child:
        assert child.stdin and child.stdout and child.stderr
        child.stdin.write("2207 报错：交易超时\n".encode())
        case = await case_with(desk, "2207")
        assert case["requester_name"] == "县医院信息科"

        async def subscribed() -> bool:
            return "adapter-web" in {c.name for c in await desk.js.consumers_info("CHANNEL")}

        await until("the adapter has its durable", subscribed)
        assert (await do(desk, case["id"], "respond", text="请重新签到后再试")).status_code == 200
        printed = await asyncio.wait_for(child.stdout.readline(), 20)
        assert "请重新签到后再试" in printed.decode()
        assert await reported(desk, case["id"]) == ["sent"]
        child.stdin.write("好了，谢谢\n".encode())
        await case_with(desk, "好了")
        child.stdin.close()
        out, err = await asyncio.wait_for(child.communicate(), 20)
        assert (child.returncode, out.decode(), err.decode()) == (0, "", "")


def test_the_adapter_is_short_enough_to_be_read_before_one_is_written() -> None:
    lines = (ROOT / "examples" / "adapter.py").read_text(encoding="utf-8").split('"""')[2].splitlines()
    code = [line for line in lines if line.strip() and not line.startswith(("import ", "from "))]
    assert len(code) <= 40
