"""Who reaches what in intake, on real servers: a hospital its own cases and their conversation, and nobody else's."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chassis.token import Principal, Signer
from tests.integration.cases import NOBODY, STAFF, do, opened
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from yibao.signing import on_this_machine

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

H1, H2 = "H62010200001", "H62020200002"
OURS, THEIRS = {"X-Yibao-Viewer": f"hospital:{H1}"}, {"X-Yibao-Viewer": f"hospital:{H2}"}
OFFICER, DISTRICT = {"X-Yibao-Viewer": "centre"}, {"X-Yibao-Viewer": "district:620102"}
AUDITOR, OPS, ADMIN, ENGINEER = ({"X-Yibao-Role": role} for role in ("auditor", "ops", "admin", "engineer"))
INSIDE = "仅供内部"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("access"), "intake") as desk:
        yield desk


async def get(desk: Desk, who: dict[str, str], path: str, **asked: Any) -> httpx.Response:
    return await desk.http.get(desk.url("intake", path), params=asked, headers=who)


async def post(desk: Desk, who: dict[str, str], path: str, body: Json | None = None, **more: Any) -> httpx.Response:
    return await desk.http.post(desk.url("intake", path), json=body or {}, headers={**who, **more})


async def became(desk: Desk, who: dict[str, str], answer: httpx.Response) -> Json:
    """The case that a question or a further message is in, as `who` sees it."""
    assert answer.status_code == 202, answer.text

    async def look() -> Json | None:
        found = await get(desk, who, answer.json()["url"])
        return found.json() if found.status_code == 200 else None

    return await until("the message is in a case", look)


async def worked_on(desk: Desk, name: str, institution: str) -> str:
    """A case that the desk has noted, assigned, answered and handed to a vendor."""
    case = await opened(desk, name, text=f"门诊结算失败 标记{institution}", institution=institution, sender=name)
    steps: dict[str, Json] = {
        "assign": {"assignee": "wang", "reason": INSIDE},
        "note": {"text": INSIDE},
        "respond": {"text": "请重启前置机", "via": "phone"},
        "escalate": {"reason": INSIDE, "external_number": INSIDE},
    }
    for verb, body in steps.items():
        assert (await do(desk, case, verb, **body)).status_code == 200
    return case


async def test_a_hospital_lists_and_reads_its_own_cases_and_what_was_said_to_it(desk: Desk) -> None:
    ours, theirs = await worked_on(desk, "r1", H1), await worked_on(desk, "r2", H2)
    listed = await get(desk, OURS, "/cases", limit=500)
    assert ours in listed.text and theirs not in listed.text
    found = await get(desk, OURS, f"/cases/{ours}")
    assert [one["by"] for one in found.json()["conversation"]] == ["requester", "desk"]
    assert found.json()["status"] == "escalated"
    for answer in (listed, found):
        assert INSIDE not in answer.text and f"标记{H2}" not in answer.text
        assert not {"assignee", "timeline", "lines", "external_number", "found"} & set(_row(answer))
    number = (await get(desk, STAFF, f"/cases/{theirs}")).json()["number"]
    for reference in (theirs, number):
        assert (await get(desk, OURS, f"/cases/{reference}")).status_code == 404
    assert (await get(desk, OURS, "/messages/wechat/r2")).status_code == 404
    counts = (await get(desk, OURS, "/cases/counts")).json()
    assert counts["total"] == len([c for c in listed.json() if c["institution_code"] == H1])


def _row(answer: httpx.Response) -> Json:
    found = answer.json()
    row: Json = found[0] if isinstance(found, list) else found
    return row


async def test_a_hospital_finds_its_own_words_and_no_hint_of_others(desk: Desk) -> None:
    ours, theirs = await worked_on(desk, "s1", H1), await worked_on(desk, "s2", H2)
    found = (await get(desk, OURS, "/cases", q=f"结算 标记{H1}", limit=500)).json()
    assert ours in {c["id"] for c in found} and theirs not in {c["id"] for c in found}
    for words in (f"标记{H2}", INSIDE, "重启前置机"):
        assert (await get(desk, OURS, "/cases", q=words)).json() == [], words
    assert (await get(desk, OURS, "/cases", assignee="wang")).status_code == 400, "a filter would tell what is inside"


async def test_a_hospital_asks_follows_says_that_it_is_not_solved_and_confirms(desk: Desk) -> None:
    body = {"text": "2207接口报错：交易超时", "category": "接口/HIS"}
    twice = [await post(desk, OURS, "/questions", body, **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert twice[0].json() == twice[1].json()
    case = await became(desk, OURS, twice[0])
    assert (case["institution_code"], case["channel"], case["title"]) == (H1, "web", "2207接口报错：交易超时")
    staff = (await get(desk, STAFF, f"/cases/{case['id']}")).json()
    assert (staff["category"], staff["asked_from"], len(staff["lines"])) == ("接口/HIS", H1, 1)
    more = await post(desk, OURS, f"/cases/{case['number']}/messages", {"text": "门诊收费也不行"})
    assert (await became(desk, OURS, more))["id"] == case["id"]
    another = await became(desk, OURS, await post(desk, OURS, "/questions", {"text": "生育津贴怎么申领"}))
    assert another["id"] != case["id"], "a question is a case of its own, however soon it is asked"
    early = await post(desk, OURS, f"/cases/{case['id']}/confirm")
    assert (early.status_code, early.json()["code"]) == (409, "not_resolved")
    assert (await do(desk, case["id"], "resolve", resolution="已修复")).status_code == 200
    again = await post(desk, OURS, f"/cases/{case['id']}/unsolved", {"text": "还是超时"})
    assert again.status_code == 200, again.text
    followed = (await get(desk, OURS, f"/cases/{case['id']}")).json()
    assert followed["status"] == "in_progress"
    assert [one["text"] for one in followed["conversation"]][-3:] == ["门诊收费也不行", "已修复", "还是超时"]
    assert (await do(desk, case["id"], "resolve", resolution="再次修复")).status_code == 200
    assert (await post(desk, OURS, f"/cases/{case['id']}/confirm")).status_code == 200
    assert (await get(desk, OURS, f"/cases/{case['id']}")).json()["status"] == "closed"


async def test_a_hospital_does_nothing_with_anothers_case_nor_in_anothers_name(desk: Desk) -> None:
    theirs = await worked_on(desk, "n2", H2)
    for verb, body in (("messages", {"text": "x"}), ("confirm", {}), ("unsolved", {"text": "x"})):
        assert (await post(desk, OURS, f"/cases/{theirs}/{verb}", body)).status_code == 404, verb
    assert (await post(desk, OURS, "/questions", {"text": "问题", "institution": H2})).status_code == 404
    ours = await worked_on(desk, "n1", H1)
    for verb in ("assign", "respond", "wait", "escalate", "resolve", "close", "reopen", "note", "merge", "step"):
        assert (await post(desk, OURS, f"/cases/{ours}/{verb}", {"reason": "x"})).status_code == 403, verb
    for path in ("export", "audit", "evidence", "moves"):
        assert (await get(desk, OURS, f"/cases/{ours}/{path}")).status_code == 403, path
    for path in ("/outages", "/duty/now", "/duty/shifts", "/chases", "/categories", "/directory/unknown"):
        assert (await get(desk, OURS, path)).status_code == 403, path


async def test_a_hospital_takes_its_own_files_and_no_others(desk: Desk) -> None:
    files = {"files": ("截图.png", PNG, "image/png")}
    url = desk.url("intake", "/questions")
    case = await became(desk, OURS, await desk.http.post(url, data={"text": "见截图"}, files=files, headers=OURS))
    [file] = (await get(desk, OURS, f"/cases/{case['id']}")).json()["conversation"][0]["attachments"]
    taken = await get(desk, OURS, f"/cases/{case['id']}/files/{file['key']}")
    assert (taken.status_code, taken.content) == (200, PNG)
    [noted] = [n for n in await desk.stream("AUDIT") if n["act"] == "revealed" and n["object"] == case["number"]]
    assert noted["institution_code"] == H1
    other = await became(desk, THEIRS, await post(desk, THEIRS, "/questions", {"text": "没有截图"}))
    for path in (f"/cases/{case['id']}/files/{file['key']}", f"/cases/{other['id']}/files/{file['key']}"):
        assert (await get(desk, THEIRS, path)).status_code == 404
    assert (await get(desk, THEIRS, f"/attachments/{file['key']}")).status_code == 403


async def test_an_officer_reads_his_districts_and_acts_on_what_he_asked(desk: Desk) -> None:
    ours, theirs = await worked_on(desk, "d1", H1), await worked_on(desk, "d2", H2)
    listed = {c["id"] for c in (await get(desk, DISTRICT, "/cases", limit=500)).json()}
    assert ours in listed and theirs not in listed
    assert (await get(desk, DISTRICT, f"/cases/{ours}")).json()["assignee"] == "wang"
    for path in ("", "/export", "/audit", "/evidence", "/moves"):
        assert (await get(desk, DISTRICT, f"/cases/{theirs}{path}")).status_code == 404, path
        assert (await get(desk, OFFICER, f"/cases/{theirs}{path}")).status_code == 200, path
    assert (await post(desk, OFFICER, f"/cases/{theirs}/note", {"text": "x"})).status_code == 403
    assert (await post(desk, OFFICER, f"/cases/{theirs}/confirm")).status_code == 404
    asked = await became(
        desk, OFFICER, await post(desk, OFFICER, "/questions", {"text": "月结口径", "institution": H2})
    )
    assert asked["asked_from"] == H2
    assert (await do(desk, asked["id"], "resolve", resolution="见通知")).status_code == 200
    assert (await post(desk, OFFICER, f"/cases/{asked['id']}/confirm")).status_code == 200


async def test_an_auditor_reads_all_and_changes_and_reveals_nothing(desk: Desk) -> None:
    case = await worked_on(desk, "a1", H1)
    for path in ("", "/export", "/audit", "/evidence"):
        assert (await get(desk, AUDITOR, f"/cases/{case}{path}")).status_code == 200, path
    for path in (f"/cases/{case}/note", f"/cases/{case}/messages/a1/reveal", "/questions", f"/cases/{case}/messages",
                 "/categories/train", "/directory/unknown/00000000-0000-0000-0000-000000000000/assign"):  # fmt: skip
        assert (await post(desk, AUDITOR, path, {"reason": "核对参保人身份", "text": "x"})).status_code == 403, path
    noted = [n for n in await desk.stream("AUDIT") if n["act"] == "exported" and n["institution_code"] == H1]
    assert noted and {n["service"] for n in noted} == {"intake"}


async def test_those_who_run_the_desk_read_no_case(desk: Desk) -> None:
    case = await worked_on(desk, "o1", H1)
    for who in (OPS, ADMIN):
        for path in ("/cases", f"/cases/{case}", "/cases/counts", "/messages/wechat/o1", "/outages", "/chases"):
            assert (await get(desk, who, path)).status_code == 403, path
    assert (await get(desk, OPS, "/channels/onebot/status")).status_code == 200
    assert (await get(desk, ADMIN, "/directory/institution")).status_code == 200
    for who, status in ((ENGINEER, 403), (ADMIN, 200)):
        url = desk.url("intake", "/directory/institution/H62010200009")
        assert (await desk.http.put(url, json={"name": "九院"}, headers=who)).status_code == status


async def test_without_a_token_or_with_anothers_nothing_is_answered(desk: Desk) -> None:
    signer, now = Signer(desk.settings.desk_key), datetime.now(UTC)
    lead = on_this_machine("wang")
    tokens = {
        "another service": signer.sign(lead, "sla", now),
        "expired": signer.sign(lead, "intake", now, lives_s=-1),
        "another desk": Signer(b"x" * 32).sign(Principal("wang", "lead"), "intake", now),
    }
    for path in ("/cases", "/cases/counts", "/outages", "/directory/staff"):
        assert (await get(desk, NOBODY, path)).status_code == 401, path
        for what, token in tokens.items():
            answer = await get(desk, {"Authorization": f"Bearer {token}"}, path)
            assert answer.status_code == 401, what
    assert (
        await desk.http.post(desk.url("intake", "/channels/web/messages"), json={}, headers=NOBODY)
    ).status_code == 401
