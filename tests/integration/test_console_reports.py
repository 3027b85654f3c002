"""The pages of statistics on a real desk: counted, looked at, taken, agreed on; each role as the menu says."""

import html
import re
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from contracts.identity import Role
from tests.integration.figures import counted, read_in
from tests.integration.runs import settlements
from tests.support.console import BY_ROLE, OTHERS, OURS, console_in, signed_in
from tests.support.desk import Desk

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
REPORT = "settlement_summary"
READERS: tuple[Role, ...] = ("engineer", "lead", "officer", "auditor")
OPEN: dict[str, tuple[Role, ...]] = {
    "/reports": (*READERS, "hospital"), f"/reports/{REPORT}": (*READERS, "hospital"), "/runs": (*READERS, "hospital"),
    "/reports/schedules": READERS, "/reports/definitions": READERS, f"/reports/{REPORT}/versions": READERS,
    "/reports/datasets": READERS, "/reports/feeds": ("engineer", "lead", "auditor", "ops", "admin"),
    "/reports/schedules/new": ("engineer", "lead"), f"/reports/{REPORT}/draft": ("engineer", "lead"),
    "/reconciliations": (*READERS, "hospital"),
}  # fmt: skip


class Runs(NamedTuple):
    """Paths: of reading in, of a report on everything, of a hospital's own."""

    read: str
    whole: str
    own: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with console_in(tmp_path_factory.mktemp("figures"), "stats", "console") as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runs(desk: Desk) -> Runs:
    async with signed_in(desk.settings, "wang.fang") as http:
        read = await read_in(
            http, "hospital_ledger", "ours.csv", settlements(40), given=f"fixmedins_code={OURS}"
        )  # fmt: skip
        await read_in(http, "hospital_ledger", "others.csv", settlements(7, 2), given=f"fixmedins_code={OTHERS}")
        whole = await counted(http, REPORT, period="2025-01", forms="xlsx")
    async with signed_in(desk.settings, "yiyuan.one") as http:
        own = await counted(http, REPORT, period="2025-01", forms="csv")
    return Runs(read, whole, own)


@pytest.mark.parametrize("role", BY_ROLE)
async def test_a_page_is_open_to_whom_the_menu_says(desk: Desk, role: Role) -> None:
    async with signed_in(desk.settings, BY_ROLE[role]) as http:
        answers = {path: (await http.get(path)).status_code for path in OPEN}
    assert answers == {path: 200 if role in roles else 403 for path, roles in OPEN.items()}


async def test_a_result_is_a_table_with_charts_and_who_took_it_is_told(desk: Desk, runs: Runs) -> None:
    async with signed_in(desk.settings, "zhao.lei") as http:
        read = (await http.get(runs.read)).text
        assert "退回 1 行" in read and "rejects.csv" in read
        page = (await http.get(runs.whole)).text
        assert "合计" in page and "data-chart" in page and "4,700.00" in page
        file = await http.get(f"{runs.whole}/output.xlsx")
        assert file.content[:2] == b"PK" and "attachment" in file.headers["content-disposition"]
        assert (await http.get(f"{runs.whole}/output.pdf")).status_code == 404
        assert (await http.get(f"{runs.whole}/secret.key")).status_code == 404
        assert "赵磊" in (await http.get(runs.whole)).text.partition("<strong>下载</strong>")[2]


async def test_a_hospital_counts_and_sees_its_own_only(desk: Desk, runs: Runs) -> None:
    async with signed_in(desk.settings, "yiyuan.one") as http:
        page = (await http.get(runs.own)).text
        assert "4,000.00" in page and "4,700.00" not in page
        for path in (runs.whole, runs.read, f"{runs.whole}/output.xlsx"):
            assert (await http.get(path)).status_code == 404
        assert runs.whole not in (await http.get("/runs")).text
        refused = await http.post(f"/reports/{REPORT}/runs", data={"period": "2025-01", "institutions": OTHERS})
        assert refused.status_code == 409 and OTHERS in refused.text
    async with signed_in(desk.settings, "yiyuan.two") as http:
        assert (await http.get(runs.own)).status_code == 404
        assert (await http.post(f"{runs.own}/comments", data={"text": "看看"})).status_code == 404


async def test_a_word_leads_to_counting_it_anew(desk: Desk, runs: Runs) -> None:
    async with signed_in(desk.settings, "wang.fang") as http:
        form = {"text": "期间选错", "decision": "rework", "report": REPORT}
        answer = await http.post(f"{runs.whole}/comments", data=form)
        again = answer.headers["location"]
        assert again == f"/reports/{REPORT}?again={runs.whole.rpartition('/')[2]}"
        assert 'value="2025-01"' in (await http.get(again)).text
        assert "期间选错" in (await http.get(runs.whole)).text


async def test_three_people_agree_on_a_definition(desk: Desk) -> None:
    path = f"/reports/{REPORT}/versions"
    async with signed_in(desk.settings, "wang.fang") as http:
        draft = (await http.get(f"/reports/{REPORT}/draft")).text
        text = {name: html.unescape(_text(draft, name)) for name in ("source", "sql")}
        text["source"] = text["source"].replace("owner: 基金财务科", "owner: 基金财务处")
        assert (await http.post("/reports/draft", data={"report": REPORT, **text})).status_code == 303
        page = (await http.get(path)).text
        assert "基金财务处" in page and "/confirm" not in page
        [hash_] = set(re.findall(r'name="trial" value="([0-9a-f]{64})"', page))
        refused = await http.post("/reports/draft", data={"report": REPORT, **text}, headers={"HX-Request": "true"})
        assert (refused.status_code, refused.headers["content-type"]) == (409, "text/plain; charset=utf-8")
    async with signed_in(desk.settings, "chen.jing") as http:
        page = (await http.get(path)).text
        assert f'name="trial" value="{hash_}"' in page and "起草修订" not in page
        tried = await http.post(f"/reports/{REPORT}/runs", data={"trial": hash_, "period": "2025-01"})
        assert tried.status_code == 303, "an officer may try what he is to confirm"
    for account, step in (("chen.jing", "confirm"), ("zhao.lei", "approve"), ("zhao.lei", "enforce")):
        async with signed_in(desk.settings, account) as http:
            assert f"/{hash_}/{step}" in (await http.get(path)).text
            said = {"department": "基金财务处"} if step == "confirm" else {}
            assert (await http.post(f"{path}/{hash_}/{step}", data=said)).status_code == 303
    async with signed_in(desk.settings, "sun.shen") as http:
        assert "本地审批生效" in (await http.get(f"/reports/{REPORT}")).text
        assert '<form method="post" action="/reports' not in (await http.get(path)).text


def _text(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return found[1]


async def test_a_schedule_is_saved_changed_and_removed(desk: Desk) -> None:
    form = {"name": "基金月报", "report": REPORT, "every": "workday", "number": "1", "time": "08:30",
            "span": "last_month", "forms": ["xlsx", "pdf"]}  # fmt: skip
    async with signed_in(desk.settings, "wang.fang") as http:
        assert (await http.post("/reports/schedules/new", data=form)).status_code == 303
        page = (await http.get("/reports/schedules")).text
        assert "每月第 1 个工作日 08:30" in page
        [path] = set(re.findall(r'href="(/reports/schedules/[0-9a-f-]{36})"', page))
        seen = re.search(r'name="version" value="(\d+)"', (await http.get(path)).text)
        assert seen is not None
        changed = {**form, "paused": "1", "every": "workdays", "version": seen[1]}
        assert (await http.post(path, data=changed)).status_code == 303
        assert "已暂停" in (await http.get("/reports/schedules")).text
        assert (await http.post(path, data=changed)).status_code == 409
        assert (await http.post(f"{path}/remove")).status_code == 303
        assert path not in (await http.get("/reports/schedules")).text


async def test_what_was_taken_down_is_shown_as_such(desk: Desk, runs: Runs) -> None:
    async with signed_in(desk.settings, "wang.fang") as http:
        page = (await http.get("/reports/datasets")).text
        path = re.findall(r'action="(/reports/datasets/hospital_ledger/[0-9a-f]{64}/withdraw)"', page)[-1]
        assert (await http.post(path, data={"reason": "读错了月份"})).status_code == 303
        page = (await http.get("/reports/datasets")).text
        assert "读错了月份" in page and path not in page
        assert (await http.post("/reports/datasets", files={"table": (None, "setl_d")})).status_code == 400
