"""Files that come with messages, kept in MongoDB (GridFS) under the hash of their content.

The same file twice is one file. Every part is written by upsert under an id derived from the content, so that an
upload that was cut off is completed by the next one and two at the same time cannot spoil each other.
"""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from bson.binary import Binary
from gridfs.asynchronous import AsyncGridFSBucket
from gridfs.errors import NoFile
from pymongo import ASCENDING, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import NotFound, Refused
from chassis.personal.masking import mask
from chassis.sniff import Sniffed, sniff
from contracts.channel import Attachment
from services.intake.text.plain import normalise

BUCKET = "attachments"
PER_MESSAGE = 20
_PART = 255 * 1024  # GridFS's own size
_AT_ONCE = 32
_ID = re.compile("[0-9a-f]{64}")


class TooLarge(Refused):
    """More bytes than the desk keeps."""

    status = 413


class NotAllowed(Refused):
    """Empty, or a program or script."""

    status = 415


class Limits(NamedTuple):
    """`max_mb` is of one file."""

    max_mb: int = 20

    @property
    def max_bytes(self) -> int:
        return self.max_mb * 1024 * 1024


class Kept(NamedTuple):
    """A stored file, to be handed out."""

    name: str
    media_type: str
    size: int
    content: Any  # an async iterable of bytes


class Attachments:
    """Keeps files and gives them back."""

    def __init__(self, db: AsyncDatabase[dict[str, Any]], limits: Limits = Limits()) -> None:
        self.limits = limits
        self._files, self._chunks = db[f"{BUCKET}.files"], db[f"{BUCKET}.chunks"]
        self._bucket = AsyncGridFSBucket(db, BUCKET)

    async def prepare(self) -> None:
        """The index by which GridFS reads."""
        await self._chunks.create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True, name="parts")

    async def keep(self, name: str, data: bytes, media_type: str | None = None) -> Attachment:
        """Store a file. Raises TooLarge or NotAllowed. `media_type` is the sender's claim and decides little."""
        name = clean_name(name)
        found = self.check(name, data, media_type)
        id_ = sha256(data).hexdigest()
        if await self._files.find_one({"_id": id_}, {"_id": 1}) is None:
            await self._write(id_, name, data, found)
        return Attachment(
            name=name, url=f"/attachments/{id_}", media_type=found.media_type, size=len(data), kind=found.kind
        )

    def check(self, name: str, data: bytes, media_type: str | None = None) -> Sniffed:
        """What the file is. Raises TooLarge or NotAllowed."""
        if not data:
            raise NotAllowed("empty_file", f"附件 {mask(name)} 是空的: 请检查文件后重新上传")
        if len(data) > self.limits.max_bytes:
            raise TooLarge("too_large", f"附件 {mask(name)} 超过 {self.limits.max_mb} MB: 请压缩或拆分后再上传")
        if (found := sniff(name, data, media_type)) is None:
            raise NotAllowed("not_allowed", f"附件 {mask(name)} 是程序或脚本, 不接收: 请改发截图、文档或日志")
        return found

    async def open(self, id_: str) -> Kept:
        """Raises NotFound."""
        try:
            if not _ID.fullmatch(id_):
                raise NoFile
            stream = await self._bucket.open_download_stream(id_)
        except NoFile:
            raise NotFound("not_found", "没有这个附件: 请核对链接, 或从工单中重新打开") from None
        media_type = str((stream.metadata or {}).get("media_type", "application/octet-stream"))
        return Kept(stream.filename or id_, media_type, stream.length, stream)

    async def _write(self, id_: str, name: str, data: bytes, found: Sniffed) -> None:
        """Parts first: a file that is listed is complete."""
        starts = range(0, len(data), _PART)
        for first in range(0, len(starts), _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, len(starts)))
            await self._chunks.bulk_write([_part(id_, n, data) for n in numbers], ordered=False)
        file = {
            "length": len(data),
            "chunkSize": _PART,
            "uploadDate": datetime.now(UTC),
            "filename": mask(name),
            "metadata": {"media_type": found.media_type, "kind": found.kind},
        }
        await self._files.update_one({"_id": id_}, {"$setOnInsert": file}, upsert=True)


def _part(id_: str, n: int, data: bytes) -> UpdateOne:
    part = {"files_id": id_, "n": n, "data": Binary(data[n * _PART : (n + 1) * _PART])}
    return UpdateOne({"_id": f"{id_}:{n}"}, {"$setOnInsert": part}, upsert=True)


def clean_name(name: str) -> str:
    """A plain file name: no folders, no control characters, at most 200 characters, its ending kept."""
    plain = " ".join(normalise(name.replace("\\", "/").rpartition("/")[2]).split()).strip(" .")
    if len(plain) > 200:
        stem, dot, ending = plain.rpartition(".")
        plain = f"{stem[:190]}{dot}{ending[:8]}" if dot else plain[:200]
    return plain or "附件"
