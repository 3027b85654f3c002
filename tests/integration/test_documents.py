"""Documents and archives over HTTP on real servers: from a file to a draft, from published articles to a book."""

import asyncio
import io
import random
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader

from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.unit.knowledge import documents as files

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
STAFF, OTHER = {"X-Yibao-Staff": "E001"}, {"X-Yibao-Staff": "E002"}
OWN = "hospital:H62010200123"
PHONE = "13812345678"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """Each test finds the documents of the tests before it."""
    environment = {"YIBAO_DOCUMENT_MAX_MB": "1", "YIBAO_COMMAND_WAIT_S": "20"}
    async with desk_in(tmp_path_factory.mktemp("documents"), "knowledge", **environment) as desk:
        desk.http.timeout = httpx.Timeout(60)
        yield desk


async def upload(desk: Desk, *sent: tuple[str, bytes], headers: Json | None = None, **form: str) -> httpx.Response:
    parts = [("file", (name, data, "application/x-whatever")) for name, data in sent] or [("other", ("a", b"x", ""))]
    form = {"category": "培训", **form}
    url = desk.url("knowledge", "/documents")
    return await desk.http.post(url, files=parts, data=form, headers=STAFF if headers is None else headers)


async def ask(desk: Desk, path: str, headers: Json | None = None, **query: Any) -> httpx.Response:
    return await desk.http.get(
        desk.url("knowledge", path), params=query or None, headers=STAFF if headers is None else headers
    )


async def test_a_document_becomes_a_draft_whose_original_is_kept_sealed(desk: Desk) -> None:
    data = f"# 门特办理\n\n联系人电话 {PHONE}\n\n## 第二步\n\n读卡".encode()
    answer = await upload(desk, ("门特.md", data), kind="policy", edition="V1.1.27", audience="centre", why="培训用")
    assert answer.status_code == 200, answer.text
    (document,) = answer.json()["documents"]
    assert document["status"] == "imported" and "送审" in document["message"]
    stored = await desk.mongo[desk.settings.mongo_db]["articles"].find_one({"_id": UUID(document["articles"][0]["id"])})
    assert stored is not None
    state = stored["state"]
    assert (state["state"], state["facts"]["kind"], state["facts"]["audience"]) == ("draft", "policy", "centre")
    assert state["facts"]["keywords"] == ["门特办理", "第二步"] and PHONE not in str(stored)
    assert state["sources"] == [{"kind": "document", "id": document["sha256"], "label": "门特.md"}]
    original = await ask(desk, f"/documents/{document['sha256']}")
    assert original.content == data and "attachment" in original.headers["Content-Disposition"]
    assert original.headers["Content-Type"].startswith("text/plain")
    chunks = await desk.mongo[desk.settings.mongo_db]["documents.chunks"].find({}).to_list()
    assert chunks and not [c for c in chunks if PHONE.encode() in bytes(c["data"])]


async def test_the_same_file_again_makes_nothing_new(desk: Desk) -> None:
    data = "# 异地备案\n\n先登记".encode()
    first = (await upload(desk, ("备案.md", data))).json()["documents"][0]
    again = (await upload(desk, ("改名.md", data), title="另一题")).json()["documents"][0]
    assert again["status"] == "known" and "以前导入过" in again["message"]
    assert [a["id"] for a in again["articles"]] == [a["id"] for a in first["articles"]]
    listed = (await ask(desk, "/documents")).json()
    assert [d["name"] for d in listed if d["sha256"] == first["sha256"]] == ["备案.md"]


async def test_the_same_file_many_times_at_once_is_one_document_with_one_article(desk: Desk) -> None:
    data = ("# 同时上传\n\n步骤\n" + "一步一步。" * 1_000).encode()
    answers = await asyncio.gather(*(upload(desk, (f"{n}.md", data)) for n in range(8)))
    results = [answer.json()["documents"][0] for answer in answers]
    assert sorted(result["status"] for result in results) == ["imported", *["known"] * 7]
    assert len({result["articles"][0]["id"] for result in results}) == 1
    listed = [d for d in (await ask(desk, "/documents", limit=500)).json() if d["sha256"] == results[0]["sha256"]]
    assert len(listed) == 1


async def test_a_damaged_original_is_told_of_and_made_whole_by_the_same_file(desk: Desk) -> None:
    data = random.Random(7).randbytes(700_000).hex().encode()[:900_000]
    data = b"# a\n" + b"\n".join(data[at : at + 60] for at in range(0, len(data), 60))
    (document,) = (await upload(desk, ("large.md", data))).json()["documents"]
    path, chunks = f"/documents/{document['sha256']}", desk.mongo[desk.settings.mongo_db]["documents.chunks"]
    stored = await chunks.find({"files_id": document["sha256"]}).sort("n").to_list()
    (file,) = await desk.mongo[desk.settings.mongo_db]["documents.files"].find({"_id": document["sha256"]}).to_list()
    assert len(stored) == 5 and sum(len(c["data"]) for c in stored) == file["length"]
    assert {len(c["data"]) for c in stored[:-1]} == {file["chunkSize"]}  # as the tools of GridFS expect
    for harm in (
        {"$set": {"data": stored[2]["data"]}},  # of another place
        {"$set": {"data": b"x"}},
        None,
    ):
        where = {"_id": stored[1]["_id"]}
        await (chunks.update_one(where, harm) if harm else chunks.delete_one(where))
        broken = await ask(desk, path)
        assert broken.status_code == 409 and "重新上传同一个文件" in broken.json()["message"]
        assert (await upload(desk, ("large.md", data))).json()["documents"][0]["status"] == "known"
        assert (await ask(desk, path)).content == data


async def test_nothing_personal_of_an_upload_is_on_the_log_or_beside_the_original(desk: Desk) -> None:
    said = f"患者张三丰 {PHONE}"
    data = f"# 标题\n\n| 姓名 | 电话 |\n| --- | --- |\n| 张三丰 | {PHONE} |".encode()
    answer = await upload(desk, (f"{said}.md", data), why=said, edition=said, institution_type=said, title=said)
    assert answer.json()["documents"][0]["status"] == "imported"
    sha256 = answer.json()["documents"][0]["sha256"]
    file = await desk.mongo[desk.settings.mongo_db]["documents.files"].find_one({"_id": sha256})
    stream = await desk.js.stream_info("COMMAND")
    commands = [await desk.js.get_msg("COMMAND", n) for n in range(stream.state.first_seq, stream.state.last_seq + 1)]
    kept = answer.text + str(file) + "".join((command.data or b"").decode() for command in commands)
    assert sha256 in kept and PHONE not in kept and "张三丰" not in kept


async def test_several_files_have_a_result_each(desk: Desk) -> None:
    answer = await upload(
        desk, ("一.docx", files.docx(files.paragraph("月结指南", "h1") + files.paragraph("每月申报"))),
        ("二.pdf", files.pdf("", "")), ("三.html", "<h1>贯标</h1>编码".encode("gbk")), ("四.md", b"x" * 1_100_000),
    )  # fmt: skip
    results = answer.json()["documents"]
    assert answer.status_code == 200 and answer.json()["message"].startswith("2 个文件已导入, 2 个没有导入")
    assert [r["status"] for r in results] == ["imported", "refused", "imported", "refused"]
    assert "OCR" in results[1]["message"] and results[3]["http_status"] == 413


@pytest.mark.parametrize(
    ("sent", "form", "status", "told"),
    [
        ([("四.md", b"x" * 1_100_000)], {}, 413, "超过 1 MB"),
        ([("空.md", b"")], {}, 415, "文件是空的"),
        ([("坏.docx", b"PK\3\4xx")], {}, 422, "已损坏"),
        ([("a.md", b"x")], {"category": "没有"}, 400, "category"),
        ([("a.md", b"x")], {"audience": "everybody"}, 400, "audience"),
        ([("a.md", b"x")], {"kind": "solution"}, 400, "guide"),
        ([], {}, 400, "没有收到文件"),
    ],
)
async def test_what_cannot_be_imported_says_what_to_do(
    desk: Desk, sent: list[tuple[str, bytes]], form: Json, status: int, told: str
) -> None:
    answer = await upload(desk, *sent, **form)
    assert (answer.status_code, told in answer.json()["message"]) == (status, True), answer.text


async def test_a_long_document_becomes_several_articles(desk: Desk) -> None:
    text = "\n".join(f"# 第{n}部分\n\n" + "门诊结算的操作说明。" * 1_500 for n in range(3))
    (document,) = (await upload(desk, ("手册.txt", text.encode("gbk")), title="操作手册")).json()["documents"]
    assert [a["title"] for a in document["articles"]] == [f"操作手册（{n}/3）" for n in (1, 2, 3)]
    assert "分为 3 个条目" in document["message"]


async def test_documents_are_for_engineers_only(desk: Desk) -> None:
    sha256 = (await ask(desk, "/documents")).json()[0]["sha256"]
    for viewer in ({"X-Yibao-Viewer": "hospitals"}, {**STAFF, "X-Yibao-Viewer": OWN}):
        assert (await upload(desk, ("a.md", b"x"), headers=viewer)).status_code == 403
        assert (await ask(desk, "/documents", viewer)).status_code == 403
        assert (await ask(desk, f"/documents/{sha256}", viewer)).status_code == 403
        bad = [
            await ask(desk, "/documents", viewer, limit="x"),
            await desk.http.post(
                desk.url("knowledge", "/documents"),
                content=b"x",
                headers={**viewer, "Content-Type": "multipart/form-data"},
            ),
        ]
        assert {answer.status_code for answer in bad} == {403}  # before anything that they sent is looked at
    assert "没有这份原件" in (await ask(desk, "/documents/" + "0" * 64)).json()["message"]


async def test_an_archive_is_a_book_of_what_the_hospital_may_read(desk: Desk) -> None:
    empty = await ask(desk, "/archive/H62010200123.pdf")
    assert empty.status_code == 409 and "还没有可以打印的条目" in empty.json()["message"]
    for n, audience in enumerate((OWN, "hospitals", "centre", "hospital:H62010200999", "engineers")):
        (document,) = (
            await upload(desk, (f"{n}.md", f"专题{n}的步骤".encode()), title=f"专题{n}", audience=audience)
        ).json()["documents"]
        await publish(desk, document["articles"][0]["id"])
    await upload(desk, ("草稿.md", "草稿的步骤".encode()), audience=OWN)
    own = await ask(desk, "/archive/H62010200123.pdf", {"X-Yibao-Viewer": OWN}, name="第一医院")
    text = pages(own)
    assert "第一医院" in text and "专题0" in text and "E001" in text
    assert not [n for n in (1, 2, 3, 4) if f"专题{n}" in text] and "草稿" not in text
    both = pages(await ask(desk, "/archive/H62010200123.pdf?with=hospitals"))
    assert "专题0" in both and "专题1" in both and not [n for n in (2, 3, 4) if f"专题{n}" in both]


@pytest.mark.parametrize("viewer", ["hospital:H62010200999", "hospitals", "centre"])
async def test_nobody_else_learns_that_there_is_an_archive(desk: Desk, viewer: str) -> None:
    answers = [await ask(desk, f"/archive/{code}.pdf", {"X-Yibao-Viewer": viewer}) for code in ("H62010200123", "H1")]
    assert {a.status_code for a in answers} == {404} and answers[0].json() == answers[1].json()


async def publish(desk: Desk, article_id: str) -> None:
    """As another member of staff, by the commands themselves."""
    from chassis.outgoing import from_command
    from contracts.envelope import Actor, derive_id
    from contracts.knowledge_work import PublishArticle, SubmitArticle
    from tests.support.wait import until
    from tests.unit.knowledge.articles import NOON

    for model, who in ((SubmitArticle, "E001"), (PublishArticle, "E002")):
        facts = {"id": derive_id(model.__name__, article_id), "occurred_at": NOON, "article_id": article_id}
        await desk.outbox.publish([from_command(model(**facts, actor=Actor(kind="staff", id=who)))])

    async def published() -> bool:
        row = await desk.mongo[desk.settings.mongo_db]["articles"].find_one({"_id": UUID(article_id)})
        return row is not None and row["state"]["state"] == "published"

    await until("it is published", published)


def pages(answer: httpx.Response) -> str:
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/pdf", answer.text[:300]
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
