"""Audits the cases: every chain on its own, then against the CASE stream, whose copies nobody changes one by one.

The stream is read first: what is in it then was in the database before, so whatever is missing there is gone. Of each
copy only a digest is kept, some 250 bytes an event.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from nats.js import JetStreamContext
from pymongo.asynchronous.collection import AsyncCollection

from chassis.replay import replay
from services.intake.model import ids_of
from services.intake.record.audit import digest_of, verify, witness
from yibao.servers import servers
from yibao.settings import StackSettings

STREAM, BATCH = "CASE", 500
_EVER = datetime.min.replace(tzinfo=UTC)
Progress = Callable[[str, int], None]
Copies = dict[UUID, dict[str, bytes]]


class Finding(NamedTuple):
    """`at` is the index in the case's history."""

    number: str
    at: int | None
    why: str


@dataclass
class Audit:
    """What was looked at and what was found; `witnessed` records have a copy in the stream."""

    cases: int = 0
    events: int = 0
    witnessed: int = 0
    findings: list[Finding] = field(default_factory=list)


class _Said(msgspec.Struct):
    id: str
    case_id: UUID
    number: str


_said = msgspec.json.Decoder(_Said)


async def audit_cases(settings: StackSettings, reference: str, progress: Progress) -> Audit:
    """All cases, or the one that `reference` names. Raises LookupError when there is none."""
    async with servers(settings) as (js, db):
        collection = db["cases"]
        query = await _query(collection, reference)
        only: UUID | None = query.get("_id")
        started = datetime.now(UTC)
        copies, numbers, since = await _published(js, only, progress)
        done = Audit()
        async for raw in collection.find(query, {"history": 1, "head": 1, "state.number": 1}, batch_size=200):
            published = copies.pop(raw["_id"], {})
            _look(done, raw, published, (since, started))
            progress("核对工单", done.cases)
        for id_, events in copies.items():
            done.findings.append(Finding(numbers[id_], None, f"整个工单不在数据库中 (事件流中有 {len(events)} 条)"))
        return done


def _look(done: Audit, raw: dict[str, Any], published: dict[str, bytes], known: tuple[datetime, datetime]) -> None:
    history, number = raw.get("history", []), raw.get("state", {}).get("number", str(raw["_id"]))
    verdict = verify(history, raw.get("head", ""))
    if verdict.broken_at is not None:
        done.findings.append(Finding(number, verdict.broken_at, verdict.why))
    done.findings += [Finding(number, d.at, d.why) for d in witness(history, published, *known)]
    done.cases += 1
    done.events += len(history)
    done.witnessed += len(published)


async def _query(collection: AsyncCollection[dict[str, Any]], reference: str) -> dict[str, Any]:
    if not reference:
        return {}
    try:
        query: dict[str, Any] = {"_id": UUID(reference)}
        if len(reference) < 32:
            raise ValueError
    except ValueError:
        try:
            low, high = ids_of(reference)
        except ValueError:
            raise LookupError(f"没有工单 {reference}: 请核对编号") from None
        query = {"_id": {"$gte": low, "$lte": high}}
    found = await collection.find_one(query, {"_id": 1})
    if found is None:
        raise LookupError(f"没有工单 {reference}: 请核对编号")
    return {"_id": found["_id"]}


async def _published(
    js: JetStreamContext, only: UUID | None, progress: Progress
) -> tuple[Copies, dict[UUID, str], datetime]:
    """Digests of the copies by case and event, the cases' numbers, and how far back the stream goes."""
    copies: Copies = {}
    numbers: dict[UUID, str] = {}
    # A stream that has lost nothing yet goes back to the beginning.
    whole = (await js.stream_info(STREAM)).state.first_seq <= 1
    since, n = _EVER if whole else datetime.now(UTC), 0
    async for stored in replay(js, STREAM):
        since, n = min(since, stored.at), n + 1
        said = _said.decode(stored.body)
        if only in (None, said.case_id):
            copies.setdefault(said.case_id, {})[said.id] = digest_of(stored.body)
            numbers[said.case_id] = said.number
        if n % BATCH == 0:
            progress("读取事件流", n)
    return copies, numbers, since
