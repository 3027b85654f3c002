"""The audit at a real console: who did what is found, page by page, and taken out; who may not look, does not."""

import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import httpx
import pytest
import pytest_asyncio

from chassis.outgoing import Outgoing
from contracts.audit import ActNoted
from contracts.envelope import Actor, derive_id
from contracts.identity import TITLES, Rights
from services.console.accounts.desk import AccountDesk
from services.console.audit.api import AUDITORS
from tests.support.desk import Desk, desk_in
from tests.support.forms import Browser, account_of, accounts_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
NIGHT = datetime(2026, 3, 1, 20, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("audit"), "console") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def accounts(desk: Desk) -> AccountDesk:
    return await accounts_in(desk)


@pytest_asyncio.fixture(loop_scope="module")
async def auditor(desk: Desk, accounts: AccountDesk) -> AsyncIterator[Browser]:
    async with Browser(desk) as opened:
        await opened.sign_in(await account_of(accounts, "auditor"))
        yield opened


def note(n: int, **facts: object) -> ActNoted:
    id_, at = derive_id("note", n, *facts.values()), NIGHT + timedelta(minutes=n)
    said = {
        "actor": Actor(kind="staff", id="li.na", name="李娜"),
        "act": "exported",
        "service": "stats",
        "object": "月报",
    }
    return ActNoted.model_validate({
        "id": id_, "cause_id": id_, "correlation_id": id_, "version": 1, "occurred_at": at, "recorded_at": at,
        **said, **facts,
    })  # fmt: skip


async def noted(desk: Desk, *notes: ActNoted) -> None:
    """Published twice, as after a crash; returns when the console has them."""
    for _ in range(2):
        await desk.outbox.publish([Outgoing(n.type, n.model_dump_json().encode()) for n in notes])
    audit = desk.mongo[desk.settings.mongo_db].audit

    async def there() -> bool:
        return await audit.count_documents({"_id": {"$in": [n.id for n in notes]}}) == len(notes)

    await until("the notes are there", there)


async def test_who_signs_in_fails_and_leaves_is_noted_with_the_address(
    desk: Desk, accounts: AccountDesk, auditor: Browser
) -> None:
    name = await account_of(accounts, "hospital", "H62010290002")
    async with Browser(desk) as other:
        await other.sign_in(name, "wrong")
        await other.sign_in(name)
        await other.get("/me")
        await other.post("/sign-out")

    async def told() -> list[list[str]]:
        return await rows(auditor, object=name)

    async def left() -> bool:
        return any(row[3] == "退出" for row in await told())

    await until("the sign-out is noted", left)
    found = list(reversed(await told()))
    assert [row[3] for row in found] == ["账户变更", "账户变更", "登录失败", "登录", "退出"]
    assert [row[1] for row in found] == ["root.admin", "root.admin", "stranger", name, name]
    assert [row[7] for row in found] == ["127.0.0.9", "127.0.0.9", "127.0.0.1", "127.0.0.1", "127.0.0.1"]
    assert found[0][8] == "新建账户: 医院 H62010290002"


async def test_notes_are_found_by_who_what_where_and_when(desk: Desk, auditor: Browser) -> None:
    await noted(
        desk, note(1), note(2, act="revealed", object="G0001"), note(3, institution_code="H9"),
        note(4, actor=Actor(kind="staff", id="ma.jun")), note(-24 * 60),
    )  # fmt: skip
    assert len(await rows(auditor, actor="li.na")) == 4
    assert [row[5] for row in await rows(auditor, actor="li.na", act="revealed")] == ["G0001"]
    assert [row[6] for row in await rows(auditor, institution="H9")] == ["H9"]
    # China's day: 20:00 UTC is the next morning there.
    assert len(await rows(auditor, actor="li.na", since="2026-03-02", until="2026-03-02")) == 3
    assert await rows(auditor, object="nothing") == []


async def test_the_list_goes_on_page_by_page(desk: Desk, auditor: Browser) -> None:
    # Many of the same moment: the next page neither repeats nor leaves out one of them.
    notes = [note(0, object=f"编号{n:03}", actor=Actor(kind="staff", id="pages")) for n in range(250)]
    await noted(desk, *notes)
    seen: list[str] = []
    path: str | None = "/audit?actor=pages"
    while path:
        page = (await auditor.get(path)).text
        seen += [line for line in page.replace("<", "\n").replace(">", "\n").splitlines() if line.startswith("编号")]
        path = next(
            (p.split('"')[1].replace("&amp;", "&") for p in page.split("href=")[1:] if "after=" in p[:300]), None
        )
    assert sorted(seen) == [f"编号{n:03}" for n in range(250)]


async def test_what_excel_would_run_is_text_in_the_file(desk: Desk, auditor: Browser) -> None:
    await noted(desk, note(5, object="=HYPERLINK(1)", actor=Actor(kind="staff", id="formula")))
    [row] = await rows(auditor, actor="formula")
    assert row[5] == "'=HYPERLINK(1)"


async def test_who_takes_the_audit_out_is_in_it(auditor: Browser) -> None:
    await rows(auditor, actor="nobody.at.all")

    async def told() -> bool:
        return any("nobody.at.all" in row[8] for row in await rows(auditor, object="操作审计"))

    await until("the export is noted", told)


@pytest.mark.parametrize("query", ["since=yesterday", "after=AAAA", "after=%00", "until=9999-12-31"])
async def test_a_wrong_question_is_no_crash(auditor: Browser, query: str) -> None:
    assert (await auditor.get(f"/audit?{query}")).status_code in (200, 400)


@pytest.mark.parametrize("role", TITLES)
async def test_only_who_audits_leads_or_administers_looks(desk: Desk, accounts: AccountDesk, role: str) -> None:
    name = await account_of(accounts, role, *(["H1"] if role == "hospital" else []))
    async with Browser(desk) as browser:
        await browser.sign_in(name)
        expected = httpx.codes.OK if role in AUDITORS else httpx.codes.FORBIDDEN
        assert (await browser.get("/audit")).status_code == expected
        assert (await browser.get("/audit.csv")).status_code == expected


async def test_a_stranger_is_sent_to_sign_in(desk: Desk) -> None:
    async with Browser(desk) as browser:
        assert (await browser.get("/audit?act=exported")).url.path == "/sign-in"
        assert browser.last.url.params["next"] == "/audit?act=exported"


async def test_a_machine_changes_its_key_for_a_token_of_one_service(desk: Desk, accounts: AccountDesk) -> None:
    await accounts.open("night.job", "夜间统计", Rights(role="auditor"), password=False)
    key = await accounts.issue_key("night.job", "夜间统计程序")
    async with httpx.AsyncClient(base_url=desk.settings.url("console"), trust_env=False) as machine:

        async def asks(key: str, service: str = "stats") -> httpx.Response:
            headers = {"Authorization": f"Bearer {key}"}
            return await machine.post("/token", json={"service": service}, headers=headers)

        good = await asks(key)
        assert good.status_code == httpx.codes.OK
        assert good.json()["expires_in"] == 300
        assert (await asks(key)).status_code == httpx.codes.OK
        noted = await desk.mongo[desk.settings.mongo_db]["audit"].count_documents({"state.act": "token_issued"})
        assert noted <= 1, "a program that asks all the time does not bury what people did"
        as_machine = {"Authorization": f"Bearer {good.json()['token']}"}
        page = await machine.get("/me", headers=as_machine, follow_redirects=False)
        assert page.status_code in (303, 401), "pages are for people"
        assert (await asks(key[:-1])).status_code == httpx.codes.UNAUTHORIZED
        assert (await asks("x")).status_code == httpx.codes.UNAUTHORIZED
        assert (await asks(key, "console")).status_code == httpx.codes.BAD_REQUEST
        await accounts.disable("night.job")
        assert (await asks(key)).status_code == httpx.codes.UNAUTHORIZED
        await accounts.enable("night.job")
        assert (await asks(key)).status_code == httpx.codes.OK
        await accounts.revoke_key("night.job", key.split("_")[1])
        refused = await asks(key)
        assert (refused.status_code, refused.json()["code"]) == (401, "http_401")


async def rows(browser: Browser, **query: str) -> list[list[str]]:
    """The file's lines without its heading."""
    answer = await browser.http.get("/audit.csv", params=query)
    assert answer.status_code == httpx.codes.OK
    return list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))[1:]
