"""The pages of reconciliation on a real desk: compared, raised, answered by the hospital, settled."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio

from services.stats.reconcile.sample import ledgers
from tests.integration.figures import ended, read_in
from tests.support.console import OURS, console_in, signed_in
from tests.support.desk import Desk
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
PLANTED = {1: 3, 3: 2, 7: 2}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with console_in(tmp_path_factory.mktemp("differences"), "stats", "console") as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def path(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a reconciliation with seven differences."""
    truth = ledgers(tmp_path_factory.mktemp("ledgers"), 500, seed=5, planted=PLANTED, institution=OURS)
    async with signed_in(desk.settings, "zhao.lei") as http:
        for table, file in (("hospital_ledger", truth.hospital), ("centre_ledger", truth.centre)):
            await read_in(http, table, file.name, Path(file).read_bytes())
        form = {"institution": OURS, "period": "2026-10", "refunds": "1"}
        answer = await http.post("/reconciliations", data=form)
        assert answer.status_code == 303, answer.text
        await ended(http, answer.headers["location"])

        async def listed() -> str | None:
            found = re.search(r'href="(/reconciliations/[0-9a-f-]{36})"', (await http.get("/reconciliations")).text)
            return found[1] if found else None

        return await until("it is compared", listed)


def asked(page: str) -> list[str]:
    """The differences that can be answered on a page."""
    return re.findall(r'name="verdict\.([0-9a-f]{32})"', page)


async def posted(http: httpx.AsyncClient, to: str, **form: str) -> int:
    return (await http.post(to, data=form)).status_code


async def test_from_a_difference_to_its_settlement(desk: Desk, path: str) -> None:
    async with signed_in(desk.settings, "zhao.lei") as http:
        page = (await http.get(path)).text
        assert "中心有、医院无" in page and "不平" in page and "310 职工基本医疗保险" in page
        assert (await http.get(f"{path}?of=3")).text.count("<tr data-row=") == PLANTED[3]
        assert (await http.get(f"{path}?find=nowhere")).text.count("<tr data-row=") == 0
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version is not None
        assert await posted(http, f"{path}/raise", note="请于 5 日前核实", version=version[1]) == 303
        assert await posted(http, f"{path}/raise", note="再次", version=version[1]) == 409
        assert await posted(http, f"{path}/balance") == 404

    async with signed_in(desk.settings, "yiyuan.one") as http:
        page = (await http.get(path)).text
        ids = asked(page)
        assert len(ids) == sum(PLANTED.values()) and "/raise" not in page and "/settle" not in page
        assert await posted(http, f"{path}/answer", back="", offset="0") == 400
        first = {f"verdict.{ids[0]}": "accepted", f"note.{ids[0]}": "系统超时"}
        assert await posted(http, f"{path}/answer", back="", offset="0", **first) == 303
        left = (await http.get(f"{path}?{urlencode({'unanswered': 'true'})}")).text
        assert asked(left) == [id_ for id_ in ids if id_ != ids[0]]
        rest = {f"verdict.{id_}": "rejected" for id_ in asked(left)}
        assert await posted(http, f"{path}/answer", back="unanswered=true", offset="0", **rest) == 303
        workbook = re.search(r'href="(/runs/[0-9a-f-]{36}/output\.xlsx)"', page)
        assert workbook is not None and (await http.get(workbook[1])).status_code == 200

    async with signed_in(desk.settings, "chen.jing") as http:
        assert "系统超时" in (await http.get(path)).text
        assert await posted(http, f"{path}/settle") == 409
        assert await posted(http, f"{path}/settle", note="下期补记") == 303
        assert "已办结" in (await http.get(path)).text


async def test_another_hospital_finds_nothing_and_an_auditor_changes_nothing(desk: Desk, path: str) -> None:
    async with signed_in(desk.settings, "yiyuan.two") as http:
        assert (await http.get(path)).status_code == 404
        assert path not in (await http.get("/reconciliations")).text
        assert await posted(http, f"{path}/answer", back="", **{f"verdict.{'0' * 32}": "accepted"}) == 404
        assert await posted(http, f"{path}/settle", note="x") == 403
        assert await posted(http, "/reconciliations", institution=OURS, period="2026-10") == 403
    async with signed_in(desk.settings, "sun.shen") as http:
        page = (await http.get(path)).text
        assert '<form method="post" action="/reconciliations' not in page
        assert await posted(http, f"{path}/raise") == 403
    async with signed_in(desk.settings, "zhou.yun") as http:
        assert (await http.get(path)).status_code == 403
