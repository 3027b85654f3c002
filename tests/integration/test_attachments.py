"""Files on a real MongoDB: the same one is kept once, whole, however often and however badly it is handed in."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256

import pytest
import pytest_asyncio
from bson.binary import Binary
from pymongo import AsyncMongoClient

from chassis import store
from chassis.errors import NotFound
from services.intake.channels.attachments.kept import Attachments, Limits, NotAllowed, TooLarge
from tests.support.servers import Servers, real_servers

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
LARGE = b"%PDF-1.4 " + bytes(range(256)) * 3_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    async with real_servers(tmp_path_factory.mktemp("attachments")) as servers:
        yield servers


@pytest_asyncio.fixture(loop_scope="module")
async def database(servers: Servers, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    client = store.connect(servers.settings.mongo_url)
    name = f"files_{abs(hash(request.node.name)) % 10**8}"
    yield name
    await client.drop_database(name)
    await client.close()


@pytest_asyncio.fixture(loop_scope="module")
async def files(servers: Servers, database: str) -> AsyncIterator[Attachments]:
    client: AsyncMongoClient[store.Raw] = store.connect(servers.settings.mongo_url)
    attachments = Attachments(client[database], Limits(1))
    await attachments.prepare()
    yield attachments
    await client.close()


async def content(files: Attachments, url: str) -> bytes:
    kept = await files.open(url.rpartition("/")[2])
    return bytes(await kept.content.read())


async def test_the_same_file_at_the_same_time_is_one_file(files: Attachments) -> None:
    kept = await asyncio.gather(*(files.keep(f"票据{n}.pdf", LARGE) for n in range(8)))
    assert {a.url for a in kept} == {f"/attachments/{sha256(LARGE).hexdigest()}"}
    assert [a.name for a in kept] == [f"票据{n}.pdf" for n in range(8)]
    assert (kept[0].media_type, kept[0].size, kept[0].kind) == ("application/pdf", len(LARGE), "file")
    assert await content(files, kept[0].url) == LARGE


async def test_an_upload_that_was_cut_off_is_no_file_and_is_completed_by_the_next(
    files: Attachments, servers: Servers, database: str
) -> None:
    id_ = sha256(LARGE).hexdigest()
    client = store.connect(servers.settings.mongo_url)
    part = {"_id": f"{id_}:1", "files_id": id_, "n": 1, "data": Binary(LARGE[255 * 1024 : 2 * 255 * 1024])}
    await client[database]["attachments.chunks"].insert_one(part)
    await client.close()
    with pytest.raises(NotFound):
        await files.open(id_)
    assert await content(files, (await files.keep("a.pdf", LARGE)).url) == LARGE


async def test_personal_data_in_a_name_is_not_stored(files: Attachments) -> None:
    kept = await files.keep("C:\\桌面\\身份证620102199001011234.txt", b"text")
    stored = (await files.open(kept.url.rpartition("/")[2])).name
    assert stored.startswith("身份证620***") and stored.endswith(".txt") and "19900101" not in stored


async def test_files_that_are_too_large_empty_or_programs_are_refused(files: Attachments) -> None:
    with pytest.raises(TooLarge, match="超过 1 MB"):
        await files.keep("a.bin", bytes(1024 * 1024 + 1))
    await files.keep("a.bin", bytes(1024 * 1024))
    with pytest.raises(NotAllowed, match="空的"):
        await files.keep("a.txt", b"")
    with pytest.raises(NotAllowed, match="程序或脚本"):
        await files.keep("a.png", b"MZ\0\0")


@pytest.mark.parametrize("id_", ["", "x", "../../etc/passwd", "0" * 64, "Z" * 64])
async def test_what_was_never_kept_is_not_found(files: Attachments, id_: str) -> None:
    with pytest.raises(NotFound, match="没有这个附件"):
        await files.open(id_)
