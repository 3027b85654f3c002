"""`yibao sla` on real servers: every second is explained, and other promises are tried without touching anything."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from chassis.zone import BEIJING
from tests.integration.cases import clocks, do, opened
from tests.support.desk import Desk, desk_in
from yibao.reminders import UNASKED, holidays

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
TIGHT = "- {name: 加急, first_response: {within: 1s, thresholds: {100%: [lead]}}}"
MONTH = f"{datetime.now(UTC).astimezone(BEIJING):%Y-%m}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("commands"), "intake", "sla") as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def case(desk: Desk) -> str:
    """A case that waited for the province and was answered; over a second passes before the answer counts."""
    case = await opened(desk, "explained", occurred_at=datetime.fromtimestamp(datetime.now(UTC).timestamp() - 5, UTC))
    await do(desk, case, "escalate", reason="省平台超时")
    await do(desk, case, "respond", text="请稍候")
    await clocks(desk, case, state="met")
    return case


async def test_every_second_of_a_case_is_explained_by_its_number(desk: Desk, case: str) -> None:
    number = (await desk.get("intake", f"/cases/{case}"))["number"]
    code, said = await desk.command("sla", "explain", number)
    assert code == 0, said
    assert "首次响应 第 1 轮 · 达成" in said and "解决 第 1 轮 · 暂停" in said
    assert "省平台" in said and "省平台超时" in said and "政策 标准" in said
    told = await desk.get("sla", f"/clocks/{case}/account")
    for account in told["clocks"]:
        assert account["wall_s"] == pytest.approx(sum(span["wall_s"] for span in account["spans"]))


async def test_the_doctor_hears_from_sla_whether_holidays_are_known(desk: Desk) -> None:
    assert await holidays(desk.settings, date(2026, 11, 22)) != UNASKED.format("sla")


async def test_a_case_that_is_not_there_is_said_to_be_missing(desk: Desk) -> None:
    code, said = await desk.command("sla", "explain", "YB-00000-00000")
    assert (code, "没有工单 YB-00000-00000: 请核对编号" in said) == (1, True)


async def test_a_tighter_policy_is_tried_on_the_month_and_nothing_is_changed(
    desk: Desk, case: str, tmp_path: Path
) -> None:
    before = await desk.get("sla", "/clocks", case_id=case)
    (tmp_path / "tight.yaml").write_text(TIGHT)
    code, said = await desk.command("sla", "simulate", str(tmp_path / "tight.yaml"), "--month", MONTH)
    assert code == 0, said
    assert f"{MONTH} 起算的时限 (1 个工单): 现行 → 试算" in said
    assert "100.00% → 0.00%" in said and "结果不同的时限" in said
    [changed] = [line for line in said.splitlines() if "首次响应 第 1 轮" in line]
    assert changed.index("达成") < changed.index("超时")
    assert await desk.get("sla", "/clocks", case_id=case) == before
    assert len((await desk.get("sla", "/promises"))["editions"]) == 1


async def test_what_cannot_be_tried_says_why(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("- {name: 加急, calendar: moon, first_response: {within: 1s}}")
    code, said = await desk.command("sla", "simulate", str(tmp_path / "wrong.yaml"), "--month", MONTH)
    assert (code, "没有日历 moon" in said) == (2, True)
    code, said = await desk.command("sla", "simulate", str(tmp_path / "wrong.yaml"), "--month", "october")
    assert (code, "请写成 2026-10" in said) == (2, True)
    (tmp_path / "tight.yaml").write_text(TIGHT)
    code, said = await desk.command("sla", "simulate", str(tmp_path / "tight.yaml"), "--month", "2020-01")
    assert (code, "2020-01 没有起算的时限" in said) == (0, True)
