"""The originals (原件) of imported documents: in GridFS under their SHA-256, sealed, for they may hold personal data.

Each part is sealed on its own, which takes the memory of a part and not several times that of the file. Whoever uploads
the same file again writes the same bytes under the same ids: two at a time cannot spoil each other, and an upload that
was cut off or damaged is made whole by the next one.
"""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from bson.binary import Binary
from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import NotFound, Refused
from chassis.vault import Unreadable, Vault
from contracts.envelope import derive_id

BUCKET: Final = "documents"
_PART: Final = 180 * 1024  # which is 240 KB and a little when it is sealed
_BESIDE: Final = 28  # bytes of a sealed text beside the text
_AT_ONCE: Final = 32
_ID: Final = re.compile("[0-9a-f]{64}")
Raw = dict[str, Any]


class Original(NamedTuple):
    """`articles` are those that were made of it; `name` is masked."""

    sha256: str
    name: str
    media_type: str
    size: int
    kind: str
    uploaded_at: datetime
    uploaded_by: str
    articles: tuple[UUID, ...]


class Originals:
    def __init__(self, db: AsyncDatabase[Raw], vault: Vault, key: str) -> None:
        """`key` is the fingerprint of the vault's key."""
        self._files, self._chunks = db[f"{BUCKET}.files"], db[f"{BUCKET}.chunks"]
        self._db, self._vault, self._key = db, vault, key

    async def prepare(self) -> None:
        """The index by which GridFS reads, and the one of the list."""
        await self._chunks.create_index([("files_id", ASCENDING), ("n", ASCENDING)], unique=True, name="parts")
        await self._files.create_index([("uploadDate", DESCENDING)], name="latest")

    async def keep(self, original: Original, data: bytes) -> None:
        """Parts first: a file that is listed is complete. Who uploaded it first, and what it was called, stays."""
        numbers = range(_count(len(data)))
        for first in numbers[::_AT_ONCE]:
            some = numbers[first : first + _AT_ONCE]
            sealed = await asyncio.to_thread(self._sealed, original.sha256, data, some)
            await self._chunks.bulk_write(sealed, ordered=False)
        await self._files.update_one({"_id": original.sha256}, self._row(original), upsert=True)

    async def read(self, sha256: str) -> tuple[Original, bytes]:
        """Raises NotFound, and Refused where it cannot be opened."""
        row = await self._files.find_one({"_id": sha256}) if _ID.fullmatch(sha256) else None
        if row is None:
            raise NotFound("not_found", "没有这份原件: 请核对链接, 或从文档列表中重新打开")
        original = _original(row)
        try:
            data = b"".join([part async for part in self._opened(sha256)])
        except (Unreadable, ValueError):
            data = b""
        if len(data) != original.size:
            told = "原件打不开: 加密密钥已更换或数据不完整, 请恢复原来的密钥, 或重新上传同一个文件"
            raise Refused("not_readable", told)
        return original, data

    async def latest(self, limit: int) -> list[Original]:
        """The latest first."""
        cursor = self._files.find({}, sort=[("uploadDate", DESCENDING)], limit=limit)
        return [_original(row) async for row in cursor]

    async def _opened(self, sha256: str) -> AsyncIterator[bytes]:
        async for part in self._chunks.find({"files_id": sha256}, sort=[("n", ASCENDING)], batch_size=_AT_ONCE):
            text = await asyncio.to_thread(self._vault.open, _context(sha256, part["n"]), part["data"])
            yield base64.b64decode(text, validate=True)

    def _sealed(self, sha256: str, data: bytes, numbers: Iterable[int]) -> list[UpdateOne]:
        return [self._part(sha256, n, base64.b64encode(data[n * _PART : (n + 1) * _PART]).decode()) for n in numbers]

    def _part(self, sha256: str, n: int, text: str) -> UpdateOne:
        part = {"files_id": sha256, "n": n, "data": Binary(self._vault.seal(_context(sha256, n), text))}
        return UpdateOne({"_id": f"{sha256}:{n}"}, {"$set": part}, upsert=True)

    def _row(self, original: Original) -> Raw:
        """The layout of GridFS: its tools count and remove what is kept."""
        names = ("media_type", "size", "kind", "uploaded_by")
        about = {f"metadata.{name}": getattr(original, name) for name in names}
        first = {"uploadDate": original.uploaded_at, "filename": original.name, **about,
                 "metadata.articles": list(original.articles), "chunkSize": _length(_PART),
                 "length": _length(original.size)}  # fmt: skip
        return {"$setOnInsert": first, "$set": {"metadata.key": self._key}}


def _count(size: int) -> int:
    return -(-size // _PART)


def _length(size: int) -> int:
    """How long so many bytes are when they are sealed."""
    whole, rest = divmod(size, _PART)
    return whole * (_PART // 3 * 4 + _BESIDE) + (-(-rest // 3) * 4 + _BESIDE if rest else 0)


def _context(sha256: str, n: int) -> UUID:
    """Parts cannot be exchanged with others."""
    return derive_id("document", sha256, n)


def _original(row: Raw) -> Original:
    about = row["metadata"]
    return Original(
        row["_id"], row["filename"], about["media_type"], about["size"], about["kind"], row["uploadDate"],
        about["uploaded_by"], tuple(about["articles"]),
    )  # fmt: skip
