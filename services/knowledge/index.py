"""The search index: tantivy inside this process, in a folder that can be deleted and is built again from the log.

Every call blocks; callers put them on a thread. One writer, any number of searches at the same time.
"""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import tantivy

from chassis import position
from chassis.position import Position
from contracts.knowledge import ArticleEvent
from services.knowledge.query import by_ids, chosen, everything, matching
from services.knowledge.schema import FORMAT, Entry, document, entry_of, register, schema

_HEAP = 15_000_000  # the least that tantivy takes for one thread


class Hit(NamedTuple):
    score: float
    entry: Entry


class IndexInUse(SystemExit):
    """Only one process may write to a folder; the message says what to do."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"索引目录 {folder} 正被另一个进程使用: 请先停止它, 或用 YIBAO_DATA_DIR 指定另一个目录")


class ArticleIndex:
    """The articles of one stream up to `position`, searchable from `open` on."""

    position: Position
    _index: tantivy.Index
    _writer: tantivy.IndexWriter

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "position.json"
        self._schema = schema()
        self._writing = threading.Lock()

    def open(self) -> None:
        """Raises IndexInUse. What cannot be read is thrown away: it is only a projection."""
        known = position.load(self._file, FORMAT)
        try:
            if known is None or not tantivy.Index.exists(str(self._folder / "index")):
                raise ValueError("only both together say what is in the index")
            self._index = self._at(self._folder / "index")
        except ValueError:
            known = None
            shutil.rmtree(self._folder, ignore_errors=True)
            self._index = self._at(self._folder / "index")
        self.position = known or Position(FORMAT)
        try:
            self._writer = self._index.writer(_HEAP, num_threads=1)
        except ValueError:
            raise IndexInUse(self._folder) from None

    def _at(self, folder: Path) -> tantivy.Index:
        """Raises ValueError for an index that is damaged or has other fields."""
        folder.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(self._schema, str(folder))
        register(index)
        index.config_reader("manual")
        return index

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def belongs_to(self, stream: str, last_sequence: int) -> bool:
        """Whether this index may go on with a stream created at `stream` that has `last_sequence` now."""
        return self.position.stream == stream and self.position.sequence <= last_sequence

    def restart(self, stream: str) -> None:
        """Forget everything; the file goes first, so that a crash in between forgets again."""
        with self._change():
            self._file.unlink(missing_ok=True)
            self._writer.delete_all_documents()
            self._commit(Position(FORMAT, stream, 0))

    def apply(self, events: Sequence[ArticleEvent], sequence: int) -> None:
        """Take these events in; afterwards everything up to `sequence` is searchable and on disk."""
        with self._change():
            for event in self._news(events):
                self._writer.delete_documents_by_term("id", str(event.article_id))
                self._writer.add_document(document(event))
            self._commit(Position(FORMAT, self.position.stream, sequence))

    @contextmanager
    def _change(self) -> Iterator[None]:
        """One change at a time; one that fails (a full disk) is undone, which also revives tantivy's writer."""
        with self._writing:
            try:
                yield
            except BaseException:
                self._writer.rollback()
                raise

    def search(self, text: str, category: str | None, limit: int) -> tuple[list[str], list[Hit]]:
        """The terms that were looked for, and the best articles for them; none for a text without words."""
        searcher = self._index.searcher()
        words = chosen(text, lambda word: searcher.doc_freq("body", word) + searcher.doc_freq("codes", word))
        if not words:
            return [], []
        found = searcher.search(matching(self._schema, words, category), limit, count=False)
        return words, [Hit(score, entry_of(searcher.doc(at))) for score, at in found.hits]

    def latest(self, category: str | None, limit: int) -> list[Hit]:
        """The articles that were resolved last."""
        searcher = self._index.searcher()
        query = everything(self._schema, category)
        found = searcher.search(query, limit, count=False, order_by_field="resolved_at")
        return [Hit(0.0, entry_of(searcher.doc(at))) for _, at in found.hits]

    def close(self) -> None:
        """Let merges end, and let go of the folder's lock."""
        with self._writing:
            self._writer.wait_merging_threads()

    def _news(self, events: Sequence[ArticleEvent]) -> list[ArticleEvent]:
        """Of each article the latest event, unless the index has it or a later one: an old event said again after a
        crash must not bring an old answer back."""
        latest: dict[str, ArticleEvent] = {}
        for event in events:
            known = latest.get(str(event.article_id))
            if known is None or event.version > known.version:
                latest[str(event.article_id)] = event
        versions = self._versions(list(latest))
        return [event for id_, event in latest.items() if event.version > versions.get(id_, 0)]

    def _versions(self, ids: list[str]) -> dict[str, int]:
        searcher = self._index.searcher()
        if not ids or not searcher.num_docs:
            return {}
        found = searcher.search(by_ids(self._schema, ids), len(ids), count=False)
        entries = (entry_of(searcher.doc(at)) for _, at in found.hits)
        return {str(entry.article_id): entry.version for entry in entries}

    def _commit(self, reached: Position) -> None:
        self._writer.commit()
        self._index.reload()
        position.save(self._file, reached)
        self.position = reached
