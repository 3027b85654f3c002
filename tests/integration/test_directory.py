"""The directory on real servers: from a folder of tables to who a sender is, and back after a restart."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from chassis.follow import Follower
from services.intake.directory.cache import Directory
from tests.integration.cases import STAFF, case_of, do, fresh
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

SEED = Path(__file__).parents[2] / "deploy" / "directory"
PHONE = "13912345678"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path_factory.mktemp("directory"), "intake", YIBAO_DIRECTORY_SEED=str(SEED)) as desk:
        yield desk


async def put(desk: Desk, path: str, body: Json, version: int | None = None) -> httpx.Response:
    headers = STAFF if version is None else {**STAFF, "If-Match": f'"{version}"'}
    return await desk.http.put(desk.url("intake", f"/directory/{path}"), json=body, headers=headers)


async def post(desk: Desk, path: str, **more: Any) -> httpx.Response:
    return await desk.http.post(desk.url("intake", f"/directory/{path}"), headers=STAFF, **more)


async def get(desk: Desk, path: str, **parameters: Any) -> Any:
    return await desk.get("intake", f"/directory/{path}", **parameters)


async def seeded(desk: Desk) -> None:
    """Returns when the folder's entries are there."""

    async def look() -> bool:
        return len(await get(desk, "staff")) >= 5 and len(await get(desk, "contact")) >= 21

    await until("the folder is loaded", look)


async def known(desk: Desk, message_id: str, sender: str, contact: str | None) -> Json:
    """The case of a new message of this account, once the process that handles it knows whose it is.

    A picture in memory follows its stream; a message that comes before it is a message of a stranger.
    """

    async def look() -> Json | None:
        look.n += 1  # type: ignore[attr-defined]
        name = f"{message_id}-{look.n}"  # type: ignore[attr-defined]
        await desk.send(fresh(name, sender=sender))
        case = await case_of(desk, name)
        return case if case.get("contact") == contact else None

    look.n = 0  # type: ignore[attr-defined]
    return await until(f"{sender} is {contact}", look)


async def test_a_folder_of_tables_is_loaded_at_the_start_and_tells_who_writes(desk: Desk) -> None:
    await seeded(desk)
    [hospital] = await get(desk, "institution", q="市二院")
    assert hospital["code"] == "H62010290002"
    case = await known(desk, "seed", "oYb5kU2-wuqiang", "2yuan-xinxi")
    assert case["institution_code"] == "H62010290002"


async def test_a_phone_is_kept_sealed_and_read_only_with_a_reason_on_the_log(desk: Desk) -> None:
    body = {"name": "小林", "institution_code": "H62010290002", "accounts": [{"channel": "phone", "account": PHONE}]}
    assert (await put(desk, "contact/lin", body)).status_code == 200
    entry = await get(desk, "contact/lin")
    [account] = entry["identities"]
    assert account["can_reveal"] and account["shown"] == "139****5678" and "sealed" not in account
    short = await post(desk, "contact/lin/reveal", json={"identity": account["key"], "reason": "要"})
    assert short.status_code == 400
    opened = await post(desk, "contact/lin/reveal", json={"identity": account["key"], "reason": "需要回电核对报文"})
    assert opened.json() == {"account": PHONE}
    documents = [d async for d in desk.mongo[desk.settings.mongo_db]["directory"].find()]
    said = [msgspec.json.decode(text) for d in documents for text in d["history"]]
    [revealed] = [e for e in said if e["type"] == "directory.revealed"]
    assert (revealed["actor"]["id"], revealed["reason"]) == ("wang", "需要回电核对报文")
    assert PHONE not in str(documents)
    for stream in ("DIRECTORY", "COMMAND"):
        last = (await desk.js.stream_info(stream)).state.last_seq
        bodies = [(await desk.js.get_msg(stream, n)).data or b"" for n in range(1, last + 1)]
        assert not any(PHONE.encode() in b for b in bodies)


async def test_who_saves_an_old_version_is_told_to_look_again(desk: Desk) -> None:
    body = {"name": "某药房", "aliases": ["药房"]}
    assert (await put(desk, "institution/P62010290099", body, version=0)).status_code == 200
    version = (await get(desk, "institution/P62010290099"))["version"]
    assert (await put(desk, "institution/P62010290099", {"name": "某大药房"}, version=version)).status_code == 200
    late = await put(desk, "institution/P62010290099", body, version=version)
    assert late.status_code == 409 and "请刷新后再保存" in late.json()["message"]
    url = desk.url("intake", "/directory/institution/P62010290099")
    assert (await desk.http.delete(url, headers=STAFF)).status_code == 200
    assert (await desk.http.get(url)).status_code == 404


@pytest.mark.parametrize(("path", "body"), [("contact/wu", {"name": "小吴 13912345678"}),
                                            ("contact/wu", {"accounts": "13912345678"}),
                                            ("institution/62010290099", {"name": "无字母"}),
                                            ("nothing/wu", {"name": "小吴"})])  # fmt: skip
async def test_a_wrong_entry_is_refused_in_chinese_without_its_numbers(desk: Desk, path: str, body: Json) -> None:
    answer = await put(desk, path, body)
    assert 400 <= answer.status_code < 500
    assert PHONE not in answer.text and not answer.json()["message"].isascii()


async def test_a_table_is_imported_row_by_row_and_again_changes_nothing(desk: Desk) -> None:
    table = f"编号,姓名,所属机构,电话\nguo,小郭,H62010490021,{PHONE[:-1]}9\nbad,小坏,不是编号,\n".encode("gbk")
    upload = {"params": {"kind": "contact"}, "files": {"file": ("contacts.csv", table)}}
    report = (await post(desk, "import", **upload)).json()
    assert (report["rows"], report["created"], report["refused"]) == (2, 1, 1)
    assert report["report"][1]["row"] == 3
    again = (await post(desk, "import", **upload)).json()
    assert (again["unchanged"], again["refused"]) == (1, 1)


async def test_an_account_belongs_to_one_person_only(desk: Desk) -> None:
    await seeded(desk)

    async def look() -> bool:
        taken = await put(desk, "contact/thief", {"accounts": [{"channel": "qq", "account": "10290088"}]}, version=0)
        if taken.status_code == 200:
            await desk.http.delete(desk.url("intake", "/directory/contact/thief"), headers=STAFF)
        return taken.status_code == 409 and "fuyou-xinxi" in taken.json()["message"]

    await until("the account is refused", look)


async def test_a_stranger_is_named_once_and_their_open_cases_are_told(desk: Desk) -> None:
    await desk.send(*(fresh(f"stranger-{n}", sender="oYb5kU2-xinren") for n in (1, 2)))
    first, second = [await case_of(desk, f"stranger-{n}") for n in (1, 2)]
    [row] = [r for r in await get(desk, "unknown") if r["requester"] == first["requester"]]
    assert row["cases"] == 2 and row["channel"] == "wechat"
    body = {"name": "小新", "role": "医保办", "institution_code": "H62010490021"}
    answer = await post(desk, f"unknown/{row['requester']}/assign", json=body)
    assert answer.status_code == 200
    contact = f"c-{row['requester'].replace('-', '')[:12]}"
    assert (await get(desk, f"contact/{contact}"))["name"] == "小新"

    async def told() -> bool:
        found = [await desk.get("intake", f"/cases/{c['id']}") for c in (first, second)]
        return all(c["contact"] == contact and c["institution_code"] == "H62010490021" for c in found)

    await until("both cases know who asked", told)
    assert row["requester"] not in [r["requester"] for r in await get(desk, "unknown")]
    await known(desk, "stranger-later", "oYb5kU2-xinren", contact)


async def test_a_contract_says_how_many_trainings_are_left(desk: Desk) -> None:
    await seeded(desk)
    await desk.send(fresh("training", institution="H62012390001"))
    case = await case_of(desk, "training")
    before = await get(desk, "contracts/2026-xianqu/usage")
    assert before["allowed"] == 2
    assert (await do(desk, case["id"], "kind", kind="training", reason="培训申请")).status_code == 200
    planned = await get(desk, "contracts/2026-xianqu/usage")
    assert (planned["held"], planned["planned"]) == (before["held"], before["planned"] + 1)
    await desk.mongo[desk.settings.mongo_db]["cases"].update_one(
        {"state.number": case["number"]}, {"$set": {"state.status": "resolved"}}
    )
    held = await get(desk, "contracts/2026-xianqu/usage")
    assert (held["held"], held["left"]) == (before["held"] + 1, before["left"] - 1)


async def test_after_a_restart_everybody_is_known_before_the_first_message_is_handled(desk: Desk) -> None:
    await seeded(desk)
    await desk.stop("intake")
    await desk.send(fresh("waiting", sender="10290088", channel="qq"))
    await desk.start("intake", YIBAO_DIRECTORY_SEED=str(SEED))

    async def look() -> Json | None:
        answer: Json = await desk.get("intake", "/messages/qq/waiting")
        return answer if "outcome" in answer else None

    assert (await until("the message is handled", look))["contact"] == "fuyou-xinxi"


async def test_what_staff_removed_does_not_come_back_from_the_folder(desk: Desk) -> None:
    await seeded(desk)
    url = desk.url("intake", "/directory/contact/jimin-yaoshi")
    assert (await desk.http.delete(url, headers=STAFF)).status_code == 200
    await desk.stop("intake")
    await desk.start("intake", YIBAO_DIRECTORY_SEED=str(SEED))
    await desk.handled("intake")
    assert (await desk.http.get(url)).status_code == 404
    await known(desk, "removed", "10290045", None)


async def test_after_the_broker_was_killed_the_picture_goes_on(desk: Desk) -> None:
    await seeded(desk)
    await desk.kill("nats")
    await desk.servers.start("nats")
    await desk.connected()
    await desk.ready("intake")
    body = {"name": "小夜", "accounts": [{"channel": "wechat", "account": "oYb5kU2-after"}]}

    async def saved() -> bool:
        return (await put(desk, "contact/after", body)).status_code in (200, 202)

    await until("the contact is saved", saved)
    await known(desk, "after", "oYb5kU2-after", "after")


async def test_two_processes_know_the_same_people(desk: Desk) -> None:
    """What one process saves, another one knows, although only one of them has heard the command."""
    await seeded(desk)
    pictures = [Directory(), Directory()]
    followers = [Follower(desk.js, "DIRECTORY", p.hear, p.forget) for p in pictures]
    tasks = [asyncio.create_task(f.run()) for f in followers]
    try:
        await asyncio.gather(*(f.caught_up() for f in followers))
        body = {"name": "小二", "institution_code": "H62010290002"}
        assert (await put(desk, "contact/both", body)).status_code == 200

        async def look() -> bool:
            return all(p.contact("both") is not None for p in pictures)

        await until("both know", look)
        assert [p.all_staff() for p in pictures] == [pictures[0].all_staff()] * 2
        assert len(pictures[0]) == len(pictures[1]) > 30
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
