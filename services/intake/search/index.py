"""The search index of cases: tantivy inside this process, in a folder that can be deleted and is built anew.

One process writes; another one on the same folder searches what the first has written. Changes and searches block and
run on threads.
"""

import asyncio
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import tantivy

from chassis import position
from chassis.chinese import codes, tokens
from chassis.position import Position
from services.intake.model import Case
from services.intake.search.query import chosen, matching

FORMAT = 2  # rises whenever fields or tokens change: an index of another format is built anew
_HEAP = 15_000_000  # the least that tantivy takes for one thread
_TOKENIZER, _MOST = "tokens", 20_000


class CaseIndex:
    """`position` is how far it has read, `behind` how many events it has not; None of it survives `restart`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "position.json"
        self._schema = _schema()
        self._changing = threading.Lock()
        self._writer: tantivy.IndexWriter | None = None
        self.position = Position(FORMAT)
        self.behind = 0

    def open(self) -> None:
        """What cannot be read is thrown away, by the process that writes."""
        self._index, known = self._existing()
        try:
            self._writer = self._index.writer(_HEAP, num_threads=1)
        except ValueError:
            self._writer = None  # another process has it
        self.position = known or Position(FORMAT)

    @property
    def writes(self) -> bool:
        return self._writer is not None

    def _existing(self) -> tuple[tantivy.Index, Position | None]:
        known = position.load(self._file, FORMAT)
        try:
            if known is not None:
                return self._at(self._folder / "index"), known
        except ValueError:
            pass
        shutil.rmtree(self._folder, ignore_errors=True)
        return self._at(self._folder / "index"), None

    def _at(self, folder: Path) -> tantivy.Index:
        """Raises ValueError for an index that is damaged or has other fields."""
        folder.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(self._schema, str(folder))
        # Texts come tokenised: the index only has to split at the spaces between tokens.
        index.register_tokenizer(_TOKENIZER, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        index.config_reader("manual")
        return index

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def belongs_to(self, stream: str, last: int) -> bool:
        """Whether this index may go on with a stream created at `stream` that has `last` messages now."""
        return self.position.stream == stream and self.position.sequence <= last

    def forget(self) -> None:
        """Begin anew; the file goes first, so that a crash in between begins anew again."""
        self._file.unlink(missing_ok=True)
        self.position = Position(FORMAT)
        with self._changing:
            assert self._writer is not None
            self._writer.delete_all_documents()
            self._commit()

    def take(self, cases: Sequence[tuple[UUID, Case]]) -> None:
        """These cases as they are now; searchable and on disk when this returns."""
        with self._changing:
            assert self._writer is not None
            try:
                for id_, case in cases:
                    self._writer.delete_documents_by_term("id", str(id_))
                    self._writer.add_document(_document(id_, case))
                self._commit()
            except BaseException:
                self._writer.rollback()  # which also revives a writer that failed, as on a full disk
                raise

    def reached(self, stream: str, sequence: int) -> None:
        """Everything up to `sequence` is in the index."""
        self.position = Position(FORMAT, stream, sequence)
        position.save(self._file, self.position)

    def refresh(self) -> None:
        """See what another process has written since."""
        self._index.reload()
        self.position = position.load(self._file, FORMAT) or self.position

    async def search(self, text: str, limit: int) -> list[UUID]:
        """The best cases first; none for a text without words."""
        return await asyncio.to_thread(self._search, text, limit)

    def _search(self, text: str, limit: int) -> list[UUID]:
        searcher = self._index.searcher()
        words = chosen(text, lambda word: searcher.doc_freq("body", word) + searcher.doc_freq("codes", word))
        if not words:
            return []
        hits = searcher.search(matching(self._schema, words), limit, count=False).hits
        return [UUID(searcher.doc(at).get_first("id")) for _, at in hits]

    def _commit(self) -> None:
        assert self._writer is not None
        self._writer.commit()
        self._index.reload()


def _schema() -> tantivy.Schema:
    """No positions, because nobody asks for phrases."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic", stored=True)
    for name in ("title", "body", "codes"):
        builder.add_text_field(name, tokenizer_name=_TOKENIZER, index_option="freq")
    return builder.build()


def _document(id_: UUID, case: Case) -> tantivy.Document:
    """Words of the question and of its solution; what people quote (numbers, transactions, errors) counts for more."""
    found = case.found
    quoted = (case.number, found.infno, found.error, found.error_code, found.msgid, case.institution_code,
              case.external_number, *found.setl_ids, *found.mdtrt_ids)  # fmt: skip
    said = "\n".join((case.question[:_MOST], case.resolution or "", case.category, case.requester_name))
    return tantivy.Document(
        id=str(id_), title=" ".join(tokens(case.title)), body=" ".join(tokens(said)), codes=" ".join(codes(quoted))
    )
