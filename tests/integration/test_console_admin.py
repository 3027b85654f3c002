"""The administration in the console: accounts, rights, rules, promises, and how the desk runs."""

import html
import re
from collections.abc import AsyncIterator, Collection

import httpx
import pytest
import pytest_asyncio

from contracts.identity import TITLES, Role
from services.console.web.menu import RUNNERS
from tests.support.console import OURS, console_in, signed_in
from tests.support.desk import Desk
from tests.support.pages import a, sent
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
REPORT = "settlement_summary"
OK, FORBIDDEN = httpx.codes.OK, httpx.codes.FORBIDDEN
SETTERS, OPERATORS = {"lead", "admin"}, {"lead", "admin", "ops"}
PAGES: dict[str, Collection[str]] = {
    "/admin": RUNNERS,
    "/admin/accounts": {"admin"},
    "/admin/accounts/wang.fang": {"admin"},
    "/admin/roles": RUNNERS,
    "/audit": {"admin", "lead", "auditor"},
    "/admin/rules": SETTERS | {"auditor"},
    "/admin/rules/new_case": SETTERS | {"auditor"},
    "/admin/templates": SETTERS | {"auditor"},
    "/admin/recipients": OPERATORS,
    "/admin/promises": SETTERS | {"auditor"},
    "/admin/channels": RUNNERS,
    "/admin/health": RUNNERS,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with console_in(tmp_path_factory.mktemp("admin")) as desk:
        yield desk


def made_in(page: str) -> str:
    """The password or key that a page shows once."""
    found = re.search(r'id="made">([^<]+)<', page)
    assert found is not None, page[-2_000:]
    return found[1]


@pytest.mark.parametrize("role", TITLES)
async def test_each_role_opens_its_pages_and_no_other(desk: Desk, role: Role) -> None:
    async with a(role, desk) as http:
        for path, roles in PAGES.items():
            answer = await http.get(path)
            assert answer.status_code == (OK if role in roles else FORBIDDEN), (path, answer.text[-500:])
        tiles = re.findall(r'card-link" href="([^"]+)"', (await http.get("/admin")).text)
        for path in tiles:
            assert (await http.get(path)).status_code == OK, f"{role} is led to {path}"


async def test_an_account_is_opened_changed_disabled_and_opened_again(desk: Desk) -> None:
    where = "/admin/accounts/xin.ren"
    async with a("admin", desk) as admin:
        new = {"account": "xin.ren", "name": "新人", "role": "hospital", "institutions": OURS}
        answer = await admin.post("/admin/accounts", data=new)
        first = made_in(answer.text)
        assert answer.status_code == OK and "no-store" in answer.headers["Cache-Control"]
        async with signed_in(desk.settings, "xin.ren", first) as theirs:
            assert str((await theirs.get("/cases")).headers["Location"]).endswith("/me/password")
        again = made_in((await admin.post(f"{where}/password")).text)
        assert again != first and first not in (await admin.get(where)).text
        wrong = {"name": "新人", "role": "hospital"}
        assert "机构" in (await admin.post(f"{where}/rights", data=wrong)).text
        await sent(admin, f"{where}/rights", name="新人", role="officer", districts="620102")
        assert "620102" in (await admin.get("/admin/accounts?role=officer")).text
        await sent(admin, f"{where}/disable", reason="离职")
        assert "停用" in (await admin.get(where)).text
        await sent(admin, f"{where}/enable")
        own = await admin.post("/admin/accounts/admin/disable")
        assert own.status_code == 409 and "自己" in own.text
        for bad in ({**new, "account": "Bad Name"}, new, {**new, "account": "other.one", "role": "nobody"}):
            assert (await admin.post("/admin/accounts", data=bad)).status_code in (400, 409)
        assert (await admin.get("/admin/accounts/nobody")).status_code == 404

        async def noted() -> bool:
            return "停用账户: 离职" in (await admin.get("/audit?object=xin.ren")).text

        assert await until("the audit has it", noted)


async def test_a_key_is_shown_once_and_gives_tokens_until_it_is_revoked(desk: Desk) -> None:
    where = "/admin/accounts/zhou.yun"
    async with a("admin", desk) as admin, httpx.AsyncClient(trust_env=False) as machine:
        key = made_in((await admin.post(f"{where}/keys", data={"label": "监控", "until": "2099-12-31"})).text)
        url, signed = desk.url("console", "/token"), {"Authorization": f"Bearer {key}"}
        assert (await machine.post(url, json={"service": "notify"}, headers=signed)).status_code == OK
        page = (await admin.get(where)).text
        assert key not in page and "监控" in page
        vague = {"label": "监控", "until": "2099-02-30"}
        wrong = await admin.post(f"{where}/keys", data=vague, headers={"HX-Request": "true"})
        assert wrong.status_code == 400 and "有效期不正确" in wrong.text, "not one without end"
        [revoke] = re.findall(rf"{where}/keys/[a-z0-9]+/revoke", page)
        await sent(admin, revoke)
        assert (await machine.post(url, json={"service": "notify"}, headers=signed)).status_code == 401


async def test_what_each_role_may_do_is_told_by_the_routes(desk: Desk) -> None:
    async with a("auditor", desk) as auditor:
        page = (await auditor.get("/admin/roles")).text
    row = next(row for row in page.split("<tr>") if "批准免责" in row)
    assert row.count("ti-check") == 2 and "组长可以" in row and "中心经办可以" in row
    assert "暂时连不上" not in page


async def test_a_rule_is_tried_saved_and_shipped_again(desk: Desk) -> None:
    where, text = "/admin/rules/new_case", "on: case.opened\nto: [lead]\ntitle: 来了 {{ event.number }}\n"
    async with a("lead", desk) as lead, a("auditor", desk) as auditor:
        tried = (await lead.post(f"{where}/try", data={"text": text})).text
        assert "来了 YB-" in tried and "组长" in tried and "一般" in tried and "<html" not in tried
        assert "alert-danger" in (await lead.post(f"{where}/try", data={"text": text + "when: event.x ==\n"})).text
        for bad in ("on: [", "- a", text + "nonsense: 1\n", text.replace("case.opened", "no.event")):
            assert (await lead.post(where, data={"text": bad, "version": "0"})).status_code in (400, 409, 422), bad
        await sent(lead, where, text=text, version="0")
        assert (await lead.post(where, data={"text": text, "version": "0"})).status_code == 409, "somebody was faster"
        listed = (await auditor.get("/admin/rules?q=new_case")).text
        assert "new_case" in (await auditor.get("/admin/rules?q=建立工单")).text
        assert "建立工单" in listed and "组长" in listed and "一般" in listed
        many = "a: &a [x]\nb: [*a, *a]\n"
        assert "引用" in (await lead.post(where, data={"text": many, "version": "1"})).text
        page = (await auditor.get(where)).text
        assert "自定义 第 1 版" in page and "保存并生效" not in page
        assert (await auditor.post(where, data={"text": text})).status_code == FORBIDDEN
        await sent(lead, f"{where}/remove")
        assert "自定义" not in (await lead.get("/admin/rules?q=new_case")).text
        assert "尚未保存" in (await lead.get("/admin/rules?new=own_rule", follow_redirects=True)).text


async def test_templates_recipients_and_silences(desk: Desk) -> None:
    async with a("lead", desk) as lead, a("ops", desk) as ops:
        template = {"text": "title: '{{ title }}'\nbody: '{{ body }} 请处理'\n", "version": "0"}
        assert "请处理" in (await lead.post("/admin/templates/short/try", data=template)).text
        await sent(lead, "/admin/templates/short", **template)
        assert "short" in (await lead.get("/admin/templates")).text
        await sent(lead, "/admin/recipients/desk", text="digest: low\n", version="0")
        assert "/admin/recipients/desk" in (await lead.get("/admin/recipients")).text
        assert "digest: low" in (await lead.get("/admin/recipients/desk")).text
        span = {"begins": "2099-01-01T08:00", "ends": "2099-01-01T12:00"}
        await sent(ops, "/admin/silences", label="rule", values="breach new_case", reason="机房切换", **span)
        page = (await ops.get("/admin/recipients")).text
        assert "机房切换" in page and "未开始" in page
        [end] = re.findall(r"/admin/silences/s-[0-9a-f]+/end", page)
        await sent(ops, end)
        assert "机房切换" not in (await ops.get("/admin/recipients")).text


async def test_promises_are_told_and_replaced_as_they_are_written(desk: Desk) -> None:
    async with a("admin", desk) as admin, a("auditor", desk) as auditor:
        page = (await auditor.get("/admin/promises")).text
        assert "首次响应" in page and "处理人" in page and "替换全部政策" not in page and "canary" not in page
        page = (await admin.get("/admin/promises")).text
        areas = re.findall(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', page, re.S)
        policies, calendar = (area.replace("&#39;", "'").replace("&gt;", ">").replace("&amp;", "&") for area in areas)
        assert "15m" in policies
        await sent(admin, "/admin/promises/policies", text=policies.replace("15m", "16m", 1))
        assert "16m" in (await admin.get("/admin/promises")).text
        await sent(admin, "/admin/promises/calendars", text=calendar.replace("name: desk", "name: second"))
        assert "second" in (await admin.get("/admin/promises")).text
        for path in ("policies", "calendars"):
            answer = await admin.post(f"/admin/promises/{path}", data={"text": "- name: x"})
            assert answer.status_code == 400 and answer.text


async def test_a_lead_and_the_centre_are_led_to_what_waits_for_them(desk: Desk) -> None:
    """By its title, to where it can be decided; what cannot be had is named."""
    ask = {"ground": "platform_maintenance", "text": "省平台停机维护", "scope": {"everything": True}}
    span = {"begins": "2026-11-01T00:00:00+08:00", "ends": "2026-11-01T02:00:00+08:00"}
    async with a("engineer", desk) as wang, a("lead", desk) as lead, a("officer", desk) as officer:
        (await desk.http.post(desk.url("sla", "/exemptions"), json={**ask, **span})).raise_for_status()
        page = (await lead.get("/today/approvals")).text
        assert "免责: 平台维护" in page and 'href="/obligations/exemptions?standing=requested"' in page
        assert (await lead.get("/obligations/exemptions?standing=requested")).text.count("/approve") == 1

        draft = (await wang.get(f"/reports/{REPORT}/draft")).text
        found = re.findall(r'<textarea[^>]*name="(source|sql|note)"[^>]*>(.*?)</textarea>', draft, re.S)
        text = {name: html.unescape(value) for name, value in found} | {"note": "口径修订"}
        text["source"] = text["source"].replace("title: ", "title: 新", 1)
        await sent(wang, "/reports/draft", report=REPORT, **text)
        await leads_to_versions(officer, "/today/to_confirm")
        hash_ = (await desk.get("stats", f"/definitions/{REPORT}"))["versions"][0]["hash"]
        await sent(officer, f"/reports/{REPORT}/versions/{hash_}/confirm", department="基金财务处")
        await leads_to_versions(lead, "/today/approvals")


async def leads_to_versions(http: httpx.AsyncClient, path: str) -> None:
    page = (await http.get(path)).text
    [told] = re.findall(rf'href="/reports/{REPORT}/versions"><div class="fw-medium">([^<]+)<', page)
    assert "新" in told and REPORT not in told


async def test_a_service_that_is_down_is_named_and_the_rest_is_shown(desk: Desk) -> None:
    async with a("ops", desk) as ops:
        await desk.put(b"no json at all")
        await until("the dead letter is counted", lambda: dead(ops))
        page = (await ops.get("/admin/health")).text
        assert "有故障" not in page and page.count("就绪") >= 12
        await desk.stop("knowledge")
        page = (await ops.get("/admin/health")).text
        assert page.count("有故障") == 1 and "连不上" in page
        assert "知识暂时连不上" in (await ops.get("/admin/channels")).text
        assert (await ops.get("/admin/roles")).status_code == OK
        async with a("lead", desk) as lead:
            page = (await lead.get("/today/approvals")).text
            assert "知识暂时取不到" in page and "没有待审批的事项" not in page
            await desk.stop("intake")
            page = (await lead.get("/wall")).text
            assert "工单数、群体故障、当班暂时取不到" in page and "现在没有人当班" not in page
        await desk.start("knowledge", "intake")


async def dead(http: httpx.AsyncClient) -> bool:
    return "CHANNEL.intake" in (await http.get("/admin/channels")).text
