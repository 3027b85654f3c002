"""Lists of cases in pages that neither skip nor repeat a case.

A page ends where the next begins: at the time and the id of its last case. The index gives cases in the order of
their time only, so those of the last moment are read once more in the order of their ids.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, DESCENDING

from chassis.store import Document, Raw, Repository
from services.intake.api.filters import BadRequest
from services.intake.search.query import MAX_HITS

_ORDER = [("state.touched_at", DESCENDING)]
Found = list[Document[Any]]
"""Whole cases or briefs, whichever the repository reads."""


async def page(cases: Repository[Any], query: Raw, cursor: str | None, limit: int) -> tuple[Found, str | None]:
    """What the query finds, the most recently touched first, and where the next page begins."""
    found: Found = []
    if cursor is not None:
        at, id_ = _place(cursor)
        found = await _moment(cases, query, at, limit + 1, id_)
        query = {"$and": [query, {"state.touched_at": {"$lt": at}}]}
    if (left := limit + 1 - len(found)) > 0:
        found += await _ordered(cases, query, left)
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], _cursor(_touched(last), last.id)


async def _ordered(cases: Repository[Any], query: Raw, limit: int) -> Found:
    """By time, and by id within one moment."""
    found = await cases.read(query, limit=limit, sort=_ORDER)
    if len(found) < limit:
        return sorted(found, key=lambda d: (-_touched(d).timestamp(), d.id.bytes))
    last = _touched(found[-1])
    whole = sorted((d for d in found if _touched(d) > last), key=lambda d: (-_touched(d).timestamp(), d.id.bytes))
    return whole + await _moment(cases, query, last, limit - len(whole))


async def _moment(cases: Repository[Any], query: Raw, at: datetime, limit: int, after: UUID | None = None) -> Found:
    """Cases of one moment, in the order of their ids."""
    here: list[Raw] = [query, {"state.touched_at": at}]
    if after is not None:
        here.append({"_id": {"$gt": after}})
    return await cases.read({"$and": here}, limit=limit, sort=[("_id", ASCENDING)])


async def ranked(
    cases: Repository[Any], query: Raw, ids: Sequence[UUID], cursor: str | None, limit: int
) -> tuple[Found, str | None]:
    """Those of `ids` that the query leaves, in the order of `ids`."""
    start = _offset(cursor)
    wanted = cases.collection.find({"$and": [query, {"_id": {"$in": list(ids)}}]}, {"_id": 1}, batch_size=MAX_HITS)
    known = {row["_id"] async for row in wanted}
    left = [id_ for id_ in ids if id_ in known]
    found = {d.id: d for d in await cases.read({"_id": {"$in": left[start : start + limit]}})}
    shown = [found[id_] for id_ in left[start : start + limit] if id_ in found]
    return shown, str(start + limit) if len(left) > start + limit else None


def _touched(document: Document[Any]) -> datetime:
    assert document.state is not None
    at: datetime = document.state.touched_at
    return at


def _cursor(at: datetime, id_: UUID) -> str:
    packed = round(at.timestamp() * 1000).to_bytes(8, "big") + id_.bytes
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return _from_ms(int.from_bytes(packed[:8], "big")), UUID(bytes=packed[8:])
    except (ValueError, OverflowError, OSError):
        raise _bad() from None


def _from_ms(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 6:
        raise _bad()
    return int(cursor)


def _bad() -> BadRequest:
    return BadRequest("bad_cursor", "cursor 无效: 请从第一页重新开始, cursor 取自上一页的 X-Next-Cursor")
