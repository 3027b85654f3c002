"""The inbox at rest: what it shows, page by page, and reading all of it at once."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from contracts.envelope import derive_id
from tests.integration.inbox_reading import Json, act, alert_of, escalated, open_cases
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
N = 23


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """23 new cases of one batch, of which some are urgent; one was sent on to the province."""
    async with desk_in(tmp_path_factory.mktemp("list"), "notify") as desk:
        await open_cases(desk, *range(0, N, 4), priority="urgent")
        await open_cases(desk, *(n for n in range(N) if n % 4))
        await desk.outbox.publish([escalated(100)])
        for n in (*range(N), 100):
            await alert_of(desk, n)
        yield desk


async def rows(desk: Desk, **filters: Any) -> list[Json]:
    found: list[Json] = await desk.get("notify", "/inbox", **{"limit": 500, **filters})
    return found


async def test_pages_together_are_the_inbox_each_alert_once_and_latest_first(desk: Desk) -> None:
    whole, pages, before = await rows(desk), list[Json](), dict[str, str]()
    while True:
        answer = await desk.http.get(desk.url("notify", "/inbox"), params={"limit": "5", **before})
        pages += answer.json()
        if "link" not in answer.headers:
            break
        before = {"before": answer.links["next"]["url"].partition("=")[2]}
    assert [a["alert_id"] for a in pages] == [a["alert_id"] for a in whole]
    assert len({a["alert_id"] for a in whole}) == N + 1
    assert [a["queued_at"] for a in whole] == sorted((a["queued_at"] for a in whole), reverse=True)


async def test_filters_narrow_the_inbox(desk: Desk) -> None:
    assert {a["urgency"] for a in await rows(desk, urgency="urgent")} == {"urgent"}
    assert len(await rows(desk, urgency="urgent", rule="new_case")) == len(range(0, N, 4))
    assert [a["rule"] for a in await rows(desk, audience="lead")] == ["escalated"]
    assert [a["number"] for a in await rows(desk, case=str(derive_id("inbox case", 3)))] == ["YB-0003"]
    assert await rows(desk, audience=["staff:nobody"]) == []
    assert len(await rows(desk, audience=["desk", "lead"], rule="escalated")) == 1
    for bad in ({"urgency": "very"}, {"limit": 0}, {"before": "x"}, {"state": "lost"}):
        answer = await desk.http.get(desk.url("notify", "/inbox"), params=bad)
        assert answer.status_code == httpx.codes.BAD_REQUEST and answer.json()["fields"]


async def test_states_follow_what_readers_do_and_every_field_is_there(desk: Desk) -> None:
    read, taken, untouched = [await alert_of(desk, n) for n in (1, 2, 3)]
    await act(desk, read["alert_id"], "read", "zhao")
    await act(desk, taken["alert_id"], "acknowledge", "zhao")
    for state, one in (("read", read), ("acknowledged", taken), ("queued", untouched)):
        found = {a["alert_id"]: a for a in await rows(desk, state=state)}
        assert one["alert_id"] in found and {a["state"] for a in found.values()} == {state}
        assert set(found[one["alert_id"]]) == set(untouched)
    still_open = {a["alert_id"] for a in await rows(desk, state="open")}
    assert taken["alert_id"] not in still_open and {read["alert_id"], untouched["alert_id"]} <= still_open
    url, zhao = desk.url("notify", "/inbox?unread=true&limit=500"), {"X-Yibao-Staff": "zhao"}
    unread = {a["alert_id"] for a in (await desk.http.get(url, headers=zhao)).json()}
    assert untouched["alert_id"] in unread and not {read["alert_id"], taken["alert_id"]} & unread


async def test_all_is_read_at_once_by_the_one_who_says_so_and_by_nobody_else(desk: Desk) -> None:
    url, sun, qian = desk.url("notify", "/inbox/read-all"), {"X-Yibao-Staff": "sun"}, {"X-Yibao-Staff": "qian"}
    before = (await desk.http.get(desk.url("notify", "/inbox/unread"), headers=sun)).json()
    assert before["unread"] > 20 and before["urgent"] == len(range(0, N, 4))
    answer = await desk.http.post(url, headers=sun)
    assert answer.status_code == httpx.codes.ACCEPTED and answer.json()["count"] == before["unread"]

    async def nothing_left() -> bool:
        return bool((await desk.http.get(desk.url("notify", "/inbox/unread"), headers=sun)).json()["unread"] == 0)

    await until("all is read", nothing_left)
    assert (await desk.http.post(url, headers=sun)).json()["count"] == 0
    assert (await desk.http.get(desk.url("notify", "/inbox/unread"), headers=qian)).json()["unread"] == before["unread"]
    assert (await desk.http.post(url, headers={"X-Yibao-Role": "none"})).status_code == httpx.codes.UNAUTHORIZED
    counts = await desk.get("notify", "/inbox/counts")
    assert counts["total"] == N + 1 and sum(counts["by_rule"].values()) == N + 1


async def test_without_a_push_provider_the_page_s_key_says_what_is_missing(desk: Desk) -> None:
    answer = await desk.http.get(desk.url("notify", "/inbox/push-key"))
    assert answer.status_code == httpx.codes.NOT_FOUND and "web_push" in answer.json()["message"]
