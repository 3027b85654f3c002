"""One generation of the index: a folder with tantivy's files and how far it has read its stream.

The position is written after tantivy's own commit, so that after a crash in between a few messages are read again,
which changes nothing. Every call blocks. One thread writes, any number search at the same time.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
import tantivy

from chassis import position
from chassis.position import Position
from contracts.knowledge import ArticleEvent
from services.knowledge.articles.model import Counts
from services.knowledge.search.model import QUIET, entry_of
from services.knowledge.search.query import by_ids
from services.knowledge.search.schema import FORMAT, SCHEMA, SUMS, Key, checksum, document, key_of, register, summed
from services.knowledge.search.schema import entry_of as stored_entry

HEAP = 15_000_000  # the least that tantivy takes for one thread


class IndexInUse(SystemExit):
    """Only one process may write to a folder; the message says what to do."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"索引目录 {folder} 正被另一个进程使用: 请先停止它, 或用 YIBAO_DATA_DIR 指定另一个目录")


class Generation:
    """The articles of one stream up to `position`. `keys` of a generation that is being built says what it holds, so
    that nothing has to be looked up in what is not committed yet."""

    def __init__(self, folder: Path, heap: int = HEAP, threads: int = 1) -> None:
        """Opens or creates it. Raises ValueError for one that is damaged or has other fields, IndexInUse."""
        self.folder, self._file = folder, folder / "position.json"
        self.position = position.load(self._file, FORMAT) or Position(FORMAT)
        (folder / "index").mkdir(parents=True, exist_ok=True)
        self.index = tantivy.Index(SCHEMA, str(folder / "index"))
        register(self.index)
        self.index.config_reader("manual")
        self.keys: dict[UUID, Key] | None = None
        try:
            self._writer = self.index.writer(heap, num_threads=threads)
        except ValueError:
            raise IndexInUse(folder) from None

    def __len__(self) -> int:
        return int(self.index.searcher().num_docs)

    def try_reading(self) -> None:
        """Raises ValueError when what is in it cannot be shown: entries had other fields then."""
        searcher = self.index.searcher()
        try:
            for _, at in searcher.search(tantivy.Query.exists_query("updated_at"), 1).hits:
                stored_entry(searcher.doc(at))
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from None

    def sums(self) -> tuple[int, int]:
        """How many articles it knows, and the sum of their checksums."""
        wanted = {name: {"sum": {"field": name}} for name in SUMS}
        searcher = self.index.searcher()
        found = searcher.aggregate(tantivy.Query.all_query(), wanted)
        return int(searcher.num_docs), summed([found[name]["value"] for name in SUMS])

    def known(self) -> dict[UUID, int]:
        """The checksum of every article; takes a while."""
        searcher = self.index.searcher()
        found = searcher.search(tantivy.Query.all_query(), max(1, int(searcher.num_docs)), count=False)
        return {key.article_id: key.sum for key in (key_of(searcher.doc(at)) for _, at in found.hits)}

    def take(self, events: Iterable[ArticleEvent]) -> None:
        """Take these in; they are searchable with the next commit."""
        for key, event in self._news(events):
            self._writer.delete_documents_by_term("id", str(key.article_id))
            self._writer.add_document(document(key, entry_of(event, key.updated_at)))

    def commit(self, reached: Position) -> None:
        """Afterwards everything taken is searchable and on disk."""
        self._writer.commit()
        self.index.reload()
        position.save(self._file, reached)
        self.position = reached

    @contextmanager
    def undone(self) -> Iterator[None]:
        """A change that fails (a full disk) is undone, which also revives tantivy's writer."""
        try:
            yield
        except BaseException:
            self._writer.rollback()
            raise

    def close(self) -> None:
        """Let merges end, and let go of the folder's lock."""
        self._writer.wait_merging_threads()

    def delete(self) -> None:
        """The position goes first: half a generation is none."""
        self._file.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _news(self, events: Iterable[ArticleEvent]) -> list[tuple[Key, ArticleEvent]]:
        """Of each article the latest event, unless the index has it or a later one: an old event said again after a
        crash must not bring an old answer back."""
        in_order = sorted(events, key=lambda event: event.version)
        known = self._known({event.article_id for event in in_order})
        latest: dict[UUID, tuple[Key, ArticleEvent]] = {}
        for event in in_order:
            before = latest[event.article_id][0] if event.article_id in latest else known.get(event.article_id)
            if before is None or event.version > before.version:
                key = Key(event.article_id, event.version, _updated(event, before), _sum(event))
                latest[event.article_id] = (key, event)
        if self.keys is not None:
            self.keys.update({id_: key for id_, (key, _) in latest.items()})
        return list(latest.values())

    def _known(self, ids: set[UUID]) -> Mapping[UUID, Key]:
        if self.keys is not None:
            return self.keys
        searcher = self.index.searcher()
        if not ids or not searcher.num_docs:
            return {}
        found = searcher.search(by_ids(SCHEMA, [str(id_) for id_ in ids]), len(ids), count=False)
        keys = (key_of(searcher.doc(at)) for _, at in found.hits)
        return {key.article_id: key for key in keys}


def _sum(event: ArticleEvent) -> int:
    usage = Counts(**event.usage.model_dump())
    return checksum(event.article_id, event.state, event.revision, event.live_revision, usage)


def _updated(event: ArticleEvent, before: Key | None) -> datetime:
    return before.updated_at if before is not None and event.type in QUIET else event.occurred_at
