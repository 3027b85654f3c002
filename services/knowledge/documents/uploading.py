"""What happens to one uploaded file: read, kept, wished for as articles, and what is told of it."""

import asyncio
from typing import Any

from litestar.datastructures import UploadFile

from chassis.access import actor_of
from chassis.asking import AnyRequest, stamp
from chassis.errors import Refused
from chassis.files import TooLarge
from chassis.http import now
from chassis.personal.masking import mask_reply
from chassis.service import Service
from contracts.knowledge_work import WriteArticle
from services.knowledge.articles.model import number_of
from services.knowledge.documents.importing import Read, Reader, Wanted, clean_name
from services.knowledge.documents.metrics import DOCUMENTS
from services.knowledge.documents.originals import Original, Originals
from services.knowledge.documents.shaping import Part

Json = dict[str, Any]
_MB = 1 << 20


class Uploads:
    """`most_mb` is of one file."""

    def __init__(self, service: Service, originals: Originals, reader: Reader, most_mb: int) -> None:
        self._service, self._originals, self._reader, self._most_mb = service, originals, reader, most_mb
        self._turn = asyncio.Semaphore(1)

    async def take(self, request: AnyRequest, upload: UploadFile, wanted: Wanted, why: str) -> Json:
        """The result of one file. `status` is imported, known (it was imported before), pending or refused."""
        name = clean_name(upload.filename or "")
        try:
            result = await self._take(request, upload, name, wanted, why)
        except Refused as refused:
            told = {"status": "refused", "http_status": refused.status, "code": refused.code, "message": str(refused)}
            result = {"name": name, **told}
        finally:
            await upload.close()
        DOCUMENTS.labels(result["status"], result.get("code", "")).inc()
        return result

    async def _take(self, request: AnyRequest, upload: UploadFile, name: str, wanted: Wanted, why: str) -> Json:
        async with self._turn:  # until then it waits on disk: a hundred at once would be gigabytes here
            read = await self._kept(request, upload, name, wanted)
        why = "; ".join(filter(None, (mask_reply(why), *read.notes)))[:500]  # what was left out stays with the article
        made = await asyncio.gather(*(self._wish(request, read, part, wanted, why) for part in read.parts))
        return {"name": read.name, "sha256": read.sha256, **_summed(made), "articles": made, "notes": read.notes}

    async def _kept(self, request: AnyRequest, upload: UploadFile, name: str, wanted: Wanted) -> Read:
        """Read, and its original sealed: an article is only wished for when that is there."""
        data = await upload.read(self._most_mb * _MB + 1)
        if len(data) > self._most_mb * _MB:
            raise TooLarge("too_large", f"文件超过 {self._most_mb} MB: 请压缩其中的图片, 或按章节拆分后再上传")
        read = await self._reader.read(name, data, wanted.title)
        articles = tuple(read.article_id(part) for part in read.parts)
        by, kind = actor_of(request).id, read.sniffed
        about = (read.sha256, read.name, kind.media_type, len(data), kind.kind, now(), by, articles)
        await self._originals.keep(Original(*about), data)
        return read

    async def _wish(self, request: AnyRequest, read: Read, part: Part, wanted: Wanted, why: str) -> Json:
        """Only begins articles: one that is there already may have been worked on since."""
        id_ = read.article_id(part)
        command = WriteArticle(
            **stamp(request, "document", id_), article_id=id_, expected_version=0, why=why,
            content=read.content(part, wanted), sources=(read.source,),
        )  # fmt: skip
        reply = await self._service.commands.send(command)
        told = {"id": str(id_), "number": number_of(id_), "title": part.title, "part": part.number, "of": part.of}
        if reply is None:
            return {**told, "status": "pending"}
        if reply.ok:
            return {**told, "status": "imported"}
        known = reply.code == "stale"
        return {**told, "status": "known"} if known else {**told, "status": "refused", "message": reply.message}


def _summed(made: list[Json]) -> Json:
    """The file's own status from those of its parts."""
    states = {article["status"] for article in made}
    if refused := [article for article in made if article["status"] == "refused"]:
        told = f"{len(refused)} 个部分没有写入: {refused[0]['message']}"
        return {"status": "refused", "http_status": 409, "code": "not_written", "message": told}
    if states == {"known"}:
        return {"status": "known", "message": "这个文件以前导入过: 没有重复生成, 请直接修改或审核已有的条目"}
    if "pending" in states:
        return {"status": "pending", "message": "已受理, 稍后生成草稿: 请稍后刷新条目列表"}
    parts = f", 因篇幅较长分为 {len(made)} 个条目" if len(made) > 1 else ""
    return {"status": "imported", "message": f"已生成草稿{parts}: 请核对后送审"}
