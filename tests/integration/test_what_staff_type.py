"""What people type by mistake, over real HTTP: refused with a reason, and never written down as if it were said."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.cases import STAFF, do, opened
from tests.support.desk import Desk, desk_in
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

SEED = Path(__file__).parents[2] / "deploy" / "directory"
NOTHING = " \u200b\u3000"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("typed"), "intake", YIBAO_DIRECTORY_SEED=str(SEED)) as desk:
        yield desk


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("assign", {"assignee": NOTHING}, 400),
        ("respond", {"text": NOTHING}, 400),
        ("note", {"text": NOTHING}, 400),
        ("resolve", {"resolution": NOTHING}, 400),
        ("step", {"transition": "ask", "fields": {"needed": NOTHING}}, 409),
    ],
)
async def test_what_looks_empty_is_refused_and_changes_nothing(
    desk: Desk, verb: str, body: dict[str, Any], status: int
) -> None:
    case = await opened(desk, f"blank-{verb}")
    answer = await do(desk, case, verb, **body)
    assert (answer.status_code, (await desk.get("intake", f"/cases/{case}"))["version"]) == (status, 1)


@pytest.mark.parametrize("match", ["²", "*", 'W/"1"'])
async def test_a_version_that_is_none_is_refused_with_a_reason(desk: Desk, match: str) -> None:
    case = await opened(desk, f"match-{len(match)}")
    url = desk.url("intake", f"/cases/{case}/assign")
    headers = [(b"X-Yibao-Staff", b"wang"), (b"If-Match", match.encode("latin-1"))]
    answer = await desk.http.post(url, json={"assignee": "wang"}, headers=headers)
    assert answer.status_code == 400 and "版本号" in answer.json()["message"]


async def test_a_roster_may_name_engineers_and_says_whom_nobody_knows(desk: Desk) -> None:
    async def seeded() -> bool:
        return len(await desk.get("intake", "/directory/staff")) == 5

    await until("the staff are known", seeded)
    table = (
        "日期,工程师,开始,结束,类型\n2026-12-08,王芳,08:30,17:30,值班\n2026-12-08,没有人,08:30,17:30,值班\n".encode()
    )
    url = desk.url("intake", "/duty/import")

    async def by_id() -> list[dict[str, str]] | None:
        answer = await desk.http.post(url, headers=STAFF, files={"file": ("roster.csv", table)})
        report: list[dict[str, str]] = answer.json()["report"]
        return report if "wang.fang" in report[0]["shift"] else None  # the picture may be a moment behind

    named, unknown = await until("the name is known", by_id)
    assert "note" not in named and "没有工程师 没有人" in unknown["note"]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/cases", {"opened_since": "0001-01-01T00:00:00+14:00"}),
        ("/duty/shifts", {"from": "9999-12-31T00:00:00Z"}),
    ],
)
async def test_a_time_beyond_all_calendars_is_refused_and_breaks_nothing(
    desk: Desk, path: str, asked: dict[str, str]
) -> None:
    answer = await desk.http.get(desk.url("intake", path), params=asked)
    assert answer.status_code in (400, 409) and "请核对年份" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("contact/a%00b", {"name": "李工"}, "看不见的字符"),
        ("contract/c1", {"name": "年度合同", "begins": "2026-02-30", "ends": "2026-12-31"}, "不存在的一天"),
    ],
)
async def test_an_entry_that_nobody_could_use_is_refused(
    desk: Desk, path: str, body: dict[str, str], says: str
) -> None:
    answer = await desk.http.put(desk.url("intake", f"/directory/{path}"), json=body, headers=STAFF)
    assert answer.status_code in (400, 409) and says in answer.json()["message"]


async def test_a_hospital_may_be_named_as_people_call_it(desk: Desk) -> None:
    sent = await desk.http.post(
        desk.url("intake", "/channels/web/messages"), json={"text": "2208 撤销失败", "institution": "市二院"}
    )

    async def look() -> str | None:
        found = await desk.get("intake", sent.json()["url"])
        return str(found["institution_code"]) if "number" in found else None

    assert await until("the question is a case", look) == "H62010290002"


async def test_a_damaged_form_is_refused_with_what_to_send_instead(desk: Desk) -> None:
    url = desk.url("intake", "/channels/web/messages")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await desk.http.post(url, content=b"no multipart", headers=headers)
    assert answer.status_code == 400 and "multipart/form-data" in answer.json()["message"]
