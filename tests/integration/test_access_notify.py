"""Whose inbox and settings somebody sees, and who looks at proofs and rules, on a real service."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contracts.identity import TITLES
from tests.integration.inbox_reading import alert_of, escalated, open_cases
from tests.support.desk import Desk, desk_in
from tests.support.roles import AUDITOR, ENGINEER, LEAD, OFFICER, OPS, admitted, hospital, is_locked
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
A = "H62010000001"
NONE = "00000000-0000-0000-0000-000000000000"
ALL = set(TITLES)
LOOKING = {"engineer", "lead", "admin", "auditor"}
OPEN_TO = {
    ("GET", "/inbox"): ALL, ("GET", "/inbox/unread"): ALL, ("POST", f"/alerts/{NONE}/acknowledge"): ALL - {"auditor"},
    ("GET", f"/alerts/{NONE}"): {"engineer", "lead", "officer", "auditor"},
    ("GET", "/deliveries"): {"lead", "auditor"}, ("GET", "/deliveries/export"): {"lead", "auditor"},
    ("GET", "/deliveries/summary"): {"lead", "auditor", "ops", "admin"},
    ("GET", "/settings/rules"): LOOKING, ("PUT", "/settings/rules/x"): {"lead", "admin"},
    ("GET", "/settings/templates"): LOOKING, ("DELETE", "/settings/templates/x"): {"lead", "admin"},
    ("GET", "/settings/silences"): LOOKING | {"ops"}, ("POST", "/settings/silences"): {"lead", "admin", "ops"},
    ("GET", "/settings/recipients"): {"lead", "admin", "auditor"},
    ("PUT", "/settings/recipients/staff:x"): ALL - {"auditor", "hospital"},
    ("GET", "/l/x"): set(), ("POST", "/receipts/x"): ALL,
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A new case, which the desk is told of, and one sent on, of which the lead is told too."""
    async with desk_in(tmp_path_factory.mktemp("access"), "notify") as desk:
        await open_cases(desk, 1)
        await desk.outbox.publish([escalated(2)])
        for n in (1, 2):
            await alert_of(desk, n)
        yield desk


async def ask(desk: Desk, path: str, who: dict[str, str]) -> tuple[int, Any]:
    answer = await desk.http.get(desk.url("notify", path), headers=who)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("route", OPEN_TO, ids=" ".join)
async def test_a_route_is_open_to_the_roles_that_need_it(desk: Desk, route: tuple[str, str]) -> None:
    assert await admitted(desk, "notify", *route) == OPEN_TO[route]


async def test_a_token_has_to_be_ours_for_this_service_and_fresh(desk: Desk) -> None:
    await is_locked(desk, "notify", "/inbox")


async def test_an_inbox_is_that_of_who_asks(desk: Desk) -> None:
    _, mine = await ask(desk, "/inbox", ENGINEER)
    assert mine
    for who in (OFFICER, OPS, hospital(A), AUDITOR):
        assert await ask(desk, "/inbox", who) == (200, [])
        assert (await ask(desk, "/inbox/counts", who))[1]["total"] == 0
    for who in (ENGINEER, OFFICER, OPS, hospital(A)):
        for path in ("/inbox", "/inbox/counts", "/inbox/unread", "/inbox/stream"):
            assert (await ask(desk, f"{path}?audience=staff:li", who))[0] == 404
    assert (await ask(desk, "/inbox?audience=desk", AUDITOR))[1], "who proves deliveries looks into any inbox"


async def test_an_alert_of_others_is_not_there(desk: Desk) -> None:
    alert = (await alert_of(desk, 1))["alert_id"]
    for who in (OFFICER, hospital(A), OPS):
        for verb in ("read", "acknowledge"):
            answer = await desk.http.post(desk.url("notify", f"/alerts/{alert}/{verb}"), headers=who)
            assert answer.status_code == 404
    assert (await ask(desk, f"/alerts/{alert}", OFFICER))[0] == 404
    assert [(await ask(desk, f"/alerts/{alert}", who))[0] for who in (ENGINEER, LEAD, AUDITOR)] == [200] * 3
    assert (await alert_of(desk, 1))["read_by"] == []


async def test_preferences_are_ones_own_and_only_the_desk_subscribes(desk: Desk) -> None:
    async def put(key: str, who: dict[str, str], **body: Any) -> int:
        return (
            await desk.http.put(desk.url("notify", f"/settings/recipients/{key}"), json=body, headers=who)
        ).status_code

    assert await put("staff:officer", OFFICER, at_most=5) == 200
    assert await put("staff:officer", OFFICER, subscriptions=[{"rules": ["new_case"]}]) == 409
    assert await put("staff:somebody", ENGINEER, subscriptions=[{"rules": ["new_case"]}]) == 200
    assert [await put(key, ENGINEER, at_most=5) for key in ("staff:officer", "desk")] == [404, 404]
    assert (await ask(desk, "/settings/recipients/staff:officer", ENGINEER))[0] == 404
    assert (await ask(desk, "/settings/recipients/staff:officer", AUDITOR))[0] == 200


async def test_an_export_is_noted_before_it_is_handed_out(desk: Desk) -> None:
    answer = await desk.http.get(desk.url("notify", "/deliveries/export"), headers=AUDITOR)
    assert answer.status_code == 200

    async def noted() -> list[Json]:
        return [e for e in await desk.stream("AUDIT") if e["object"] == "deliveries.csv"]

    assert {e["act"] for e in await until("it is on the log", noted)} == {"exported"}
