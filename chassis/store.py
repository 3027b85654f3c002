"""One document, one write: state, version, causes and history of an aggregate in one MongoDB document.

`history` holds the events exactly as published (JSON text), so a redelivered cause can say the very same again.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import msgspec
from bson.binary import UUID_SUBTYPE, Binary
from bson.codec_options import CodecOptions, DatetimeConversion, TypeRegistry
from bson.errors import BSONError
from pymongo import AsyncMongoClient, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure

from chassis.chain import chained, hash_of
from chassis.errors import Unstorable
from chassis.message import Message
from contracts.envelope import Command, Event

S = TypeVar("S", bound=msgspec.Struct)
Raw = dict[str, Any]

_NATIVE = (datetime, UUID)
WITHOUT_HISTORY = {"history": 0}
_TOO_LARGE = {10_334, 17_419, 17_420}  # MongoDB's BSONObjectTooLarge, and an update that would make one
Said = Event | Command
_CODEC: CodecOptions[Raw] = CodecOptions(
    tz_aware=True, tzinfo=UTC, uuid_representation=4, datetime_conversion=DatetimeConversion.DATETIME,
    type_registry=TypeRegistry(),
)  # fmt: skip


class _Binary(Binary):
    """The driver's binary of one subtype: an attribute of the class, not of each of six ids a message."""

    __new__ = bytes.__new__  # type: ignore[assignment]
    subtype = _Binary__subtype = UUID_SUBTYPE


def binary(id_: UUID) -> Binary:
    """A UUID as MongoDB keeps it; the driver's own conversion takes four times as long."""
    made: Binary = _Binary(id_.bytes)
    return made


class Document(Generic[S]):
    """An aggregate being folded: what is stored, and what the folds of this batch add to it."""

    __slots__ = (
        "asides", "causes", "head", "id", "new_causes", "said", "silent", "state", "stored_state", "stored_version",
    )  # fmt: skip

    def __init__(
        self, id_: UUID, state: S | None = None, version: int = 0, causes: Iterable[UUID] = (), head: str = ""
    ) -> None:
        self.id = id_
        self.state = self.stored_state = state
        self.stored_version = version
        self.causes = set(causes)
        self.new_causes: list[UUID] = []
        self.said: list[tuple[Said, bytes]] = []  # with its JSON: what is stored is what is published
        self.silent = 0
        self.head = head  # the hash of the last thing said
        self.asides: list[tuple[UUID, str]] = []

    @property
    def version(self) -> int:
        return self.stored_version + len(self.said) + self.silent

    @property
    def changed(self) -> bool:
        return bool(self.new_causes)

    def take(self, cause: UUID, state: S, said: Sequence[Said], asides: Iterable[tuple[UUID, str]] = ()) -> None:
        """Add one fold's result; a change that says nothing still takes a version, to be guarded."""
        self.state = state
        for words in said:
            body = chained(words.__dict__, self.head)
            self.head = hash_of(body)
            self.said.append((words, body))
        self.asides.extend(asides)
        self.silent += not said
        self.new_causes.append(cause)
        self.causes.add(cause)


class Repository(Generic[S]):
    """Loads and saves the aggregates of one collection; a service overrides `locate` when a key is not an id.

    `wanted` is what it reads of a document: one that only shows some of it needs no more.
    """

    wanted: Raw = WITHOUT_HISTORY

    def __init__(self, collection: AsyncCollection[Raw], state: type[S]) -> None:
        self.collection = collection.with_options(codec_options=_CODEC)
        self._type = state

    def id_of(self, message: Message) -> UUID:
        """The aggregate that a message belongs to."""
        raise NotImplementedError

    async def locate(self, messages: Sequence[Message]) -> list[Document[S]]:
        """The document of each message, in order; one object per aggregate, new where nothing is stored."""
        ids = [self.id_of(m) for m in messages]
        found = {d.id: d for d in await self.read({"_id": {"$in": list(set(ids))}})}
        return [found.setdefault(i, Document(i)) for i in ids]

    async def read(self, query: Raw, limit: int = 0, sort: list[tuple[str, int]] | None = None) -> list[Document[S]]:
        cursor = self.collection.find(query, self.wanted, limit=limit, sort=sort, batch_size=1_000)
        return [self._document(raw) async for raw in cursor]

    async def history(self, id_: UUID) -> list[str] | None:
        """The events of one aggregate as published, oldest first; None when there is none."""
        raw = await self.collection.find_one({"_id": id_}, {"history": 1})
        return None if raw is None else cast(list[str], raw["history"])

    async def save(self, documents: Sequence[Document[S]]) -> set[UUID]:
        """Write all in one bulk operation, each guarded by its version; returns the ids that lost the race.

        Raises Unstorable when one of them outgrows what MongoDB keeps in a document, or holds what it cannot keep, such
        as a time before its calendar begins.
        """
        try:
            return await self._save(documents)
        except (BSONError, OverflowError, UnicodeEncodeError) as error:
            raise Unstorable("含有数据库存不下的内容 (例如不存在的时间或字符): 请核对后再发") from error
        except (DocumentTooLarge, OperationFailure) as error:
            if isinstance(error, OperationFailure) and not _codes(error) & _TOO_LARGE:
                raise
            raise Unstorable from error

    async def _save(self, documents: Sequence[Document[S]]) -> set[UUID]:
        if asides := [aside for d in documents for aside in d.asides]:
            await self.keep(asides)
        new = [d for d in documents if d.stored_version == 0]
        old = [d for d in documents if d.stored_version]
        lost = await self._insert(new) if new else set()
        if old:
            result = await self.collection.bulk_write([self._update(d) for d in old], ordered=False)
            lost |= set() if result.matched_count == len(old) else await self._losers(old)
        return lost

    async def _insert(self, documents: Sequence[Document[S]]) -> set[UUID]:
        """Insert new aggregates; returns those that are there already."""
        rows = [self._row(d) for d in documents]
        try:
            await self.collection.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            failed = {e["index"] for e in error.details["writeErrors"] if e["code"] == 11_000}
            if len(failed) != len(error.details["writeErrors"]):
                raise
            return {d.id for i, d in enumerate(documents) if i in failed}
        return set()

    async def keep(self, asides: Sequence[tuple[UUID, str]]) -> None:
        """Store what folds set aside, by its cause; called before the documents are written, maybe more than once."""
        raise NotImplementedError

    async def _losers(self, documents: Sequence[Document[S]]) -> set[UUID]:
        # A bulk write counts matches but does not name them: ours are those that hold our causes now.
        query = {"_id": {"$in": [d.id for d in documents]}}
        causes = {r["_id"]: set(r["causes"]) async for r in self.collection.find(query, {"causes": 1})}
        return {d.id for d in documents if not causes.get(d.id, set()).issuperset(d.new_causes)}

    def _row(self, d: Document[S]) -> Raw:
        return {
            "_id": binary(d.id),
            "version": d.version,
            "state": _stored(d.state),
            "causes": [binary(cause) for cause in d.new_causes],
            "history": [body.decode() for _, body in d.said],
            "head": d.head,
        }

    def _update(self, d: Document[S]) -> UpdateOne:
        history = [body.decode() for _, body in d.said]
        return UpdateOne(
            {"_id": d.id, "version": d.stored_version},
            {
                "$set": {"version": d.version, "state": _stored(d.state), "head": d.head},
                "$push": {"causes": {"$each": d.new_causes}, "history": {"$each": history}},
            },
        )

    def _document(self, raw: Raw) -> Document[S]:
        state = msgspec.convert(raw["state"], self._type, builtin_types=_NATIVE)
        return Document(raw["_id"], state, raw["version"], raw.get("causes", ()), raw.get("head", ""))


def _codes(error: OperationFailure) -> set[int | None]:
    """Of the operation, and of each write in it."""
    return {error.code, *(e.get("code") for e in (error.details or {}).get("writeErrors", ()))}


def _stored(state: msgspec.Struct | None) -> Raw:
    """The state as a document; `read` makes the state of it again."""
    document: Raw = msgspec.to_builtins(state, builtin_types=_NATIVE)
    for name, value in document.items():
        if value.__class__ is UUID:
            document[name] = binary(value)
    return document


def connect(url: str) -> AsyncMongoClient[Raw]:
    """A client whose acknowledged writes are on disk (majority on a replica set waits for the journal)."""
    return AsyncMongoClient(
        url, tz_aware=True, uuidRepresentation="standard", w="majority", serverSelectionTimeoutMS=5_000
    )


def events_of(history: Collection[str], causes: Collection[UUID]) -> list[tuple[str, Raw]]:
    """The (JSON, decoded) events in `history` that these causes brought about."""
    wanted = {str(c) for c in causes}
    decoded = ((text, msgspec.json.decode(text)) for text in history)
    return [(text, event) for text, event in decoded if event["cause_id"] in wanted]
