"""The link of a message on real servers: opening it changes nothing, its button counts once."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from chassis.vault import load_key
from services.notify.links.tokens import Links
from tests.integration.inbox_reading import Json, act, alert_of, open_cases
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("links"), "notify", YIBAO_NOTIFY_LINK_BASE="http://desk") as desk:
        yield desk


def link(desk: Desk, alert: str, recipient: str = "desk", hours: float = 1.0, nth: int = 0) -> str:
    """The address of a link as notify itself makes it."""
    links = Links(load_key("", desk.settings.data_dir), desk.settings.url("notify"))
    return links.link_of(UUID(alert), nth, recipient, datetime.now(UTC) + timedelta(hours=hours))


async def case(desk: Desk, n: int, **more: str) -> Json:
    await open_cases(desk, n, **more)
    return await alert_of(desk, n)


async def test_opening_a_link_shows_the_alert_and_changes_nothing(desk: Desk) -> None:
    alert = await case(desk, 1, title="门诊<b>结算</b>失败")
    url = link(desk, alert["alert_id"])
    for _ in range(3):  # a scanner, a preview, the person
        answer = await desk.http.get(url)
    assert answer.status_code == httpx.codes.OK
    assert "YB-0001" in answer.text and "知悉" in answer.text and "<b>结算" not in answer.text
    assert "需登录" in answer.text or "请登录" in answer.text
    policy = answer.headers["content-security-policy"]
    [nonce] = set(re.findall(r"'nonce-([\w-]+)'", policy))
    assert "default-src 'none'" in policy and f'<script nonce="{nonce}">' in answer.text
    assert not re.search(r"https?://", answer.text), "nothing of the page comes from elsewhere"
    assert nonce not in (await desk.http.get(url)).text
    assert (await alert_of(desk, 1)) == alert


async def test_the_page_s_script_marks_it_read_and_the_button_acknowledges_it_once(desk: Desk) -> None:
    alert = await case(desk, 2)
    url = link(desk, alert["alert_id"])
    assert (await desk.http.post(f"{url}/read")).status_code == httpx.codes.ACCEPTED
    assert (await alert_of(desk, 2))["read_by"] == ["desk"]
    pressed = await desk.http.post(f"{url}/acknowledge", follow_redirects=True)
    assert pressed.status_code == httpx.codes.OK and "desk 已于" in pressed.text and 'data-open=""' in pressed.text
    taken = await alert_of(desk, 2)
    assert (taken["acknowledged_by"], taken["acknowledged_via"], taken["state"]) == ("desk", "link", "acknowledged")
    told = len(await desk.stream("NOTIFY"))
    again = await desk.http.post(f"{url}/acknowledge", follow_redirects=True)
    assert "desk 已于" in again.text and await alert_of(desk, 2) == taken
    assert len(await desk.stream("NOTIFY")) == told, "the second time nothing is said"


async def test_a_link_of_an_alert_that_somebody_has_says_who_it_is(desk: Desk) -> None:
    alert = await case(desk, 3)
    await act(desk, alert["alert_id"], "acknowledge", "zhao")
    url = link(desk, alert["alert_id"])
    assert "zhao 已于" in (await desk.http.get(url)).text
    await desk.http.post(f"{url}/acknowledge")
    assert (await alert_of(desk, 3))["acknowledged_by"] == "zhao"


@pytest.mark.parametrize(
    ("hours", "recipient", "nth", "status"),
    [(-1, "desk", 0, 410), (1, "staff:li", 0, 403), (1, "desk", 1, 403), (1, "", 70_000, 403)],
)
async def test_an_expired_or_forged_link_says_so_and_does_nothing(
    desk: Desk, hours: float, recipient: str, nth: int, status: int
) -> None:
    n = 10 + status % 100
    alert = await case(desk, n)
    url = link(desk, alert["alert_id"], recipient, hours, nth)
    for answer in (
        await desk.http.get(url), await desk.http.post(f"{url}/read"), await desk.http.post(f"{url}/acknowledge"),
    ):  # fmt: skip
        assert answer.status_code == status
        assert ("过期" if status == 410 else "无效") in answer.text and "收件箱" in answer.text
    assert (await alert_of(desk, n))["state"] == "queued"


@pytest.mark.parametrize("token", ["x", "A" * 48, "知" * 16, "_" * 48, "A" * 5_000])
async def test_what_anybody_makes_up_is_refused(desk: Desk, token: str) -> None:
    answer = await desk.http.get(desk.url("notify", f"/l/{token}"))
    assert answer.status_code == httpx.codes.FORBIDDEN and "链接无效" in answer.text


async def test_a_link_still_counts_after_notify_was_started_anew(desk: Desk) -> None:
    alert = await case(desk, 4)
    url = link(desk, alert["alert_id"])
    await desk.kill("notify")
    await desk.start("notify")

    async def acknowledged() -> bool:
        answer = await desk.http.post(f"{url}/acknowledge")
        return answer.status_code == httpx.codes.SEE_OTHER

    await until("the link works", acknowledged)
    assert (await alert_of(desk, 4))["acknowledged_via"] == "link"
