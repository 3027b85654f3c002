"""How an article becomes a document of the index and comes back as an entry that can be shown."""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
import tantivy

from chassis.chinese import codes, normalise, terms, tokens
from services.knowledge.articles.model import Counts
from services.knowledge.search.model import Entry
from services.knowledge.search.rank import prior
from services.knowledge.search.sounds import sound_pairs

FORMAT = 3
"""Rises whenever fields or tokens change: an index of another format is built anew."""

_TOKENIZER = "tokens"
RAW = ("id", "see", "category", "infno", "error", "institution", "state", "kind", "edition")
SUMS: Final = ("sum_low", "sum_middle", "sum_high")
_PART: Final = 22
"""Bits of each part of a checksum: the index adds in floating point, which is exact up to 2^53."""
READERS = "readers:"
TEXTS = ("title", "body", "keywords", "codes", "sound")
_encode: Callable[[Entry], bytes] = msgspec.json.Encoder().encode
_decode: Callable[[bytes], Entry] = msgspec.json.Decoder(Entry).decode


def schema() -> tantivy.Schema:
    """`see` names whose searches find it; `codes` holds words with a digit as people quote them, and the number of the
    article, `sound` how the title is read; SUMS are the parts of `checksum`. No positions: nobody asks for phrases."""
    builder = tantivy.SchemaBuilder()
    for name in RAW:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name=_TOKENIZER, index_option="freq")
    builder.add_unsigned_field("updated_at", fast=True)
    for name in SUMS:
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("prior", fast=True)
    builder.add_bytes_field("entry", stored=True)
    builder.add_bytes_field("key", stored=True)
    return builder.build()


SCHEMA: Final = schema()


def register(index: tantivy.Index) -> None:
    """Texts come tokenised: the index only has to split at the spaces between tokens."""
    analyser = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_TOKENIZER, analyser)


def checksum(article_id: UUID, state: str, revision: int, live_revision: int, usage: Counts) -> int:
    """64 bits; the sum over all articles says whether two places show the same ones in the same way.

    Not of the version: a change of which nothing is said, and a command that an article says, take one too.
    """
    counts = "/".join(str(n) for n in (revision, live_revision, *msgspec.structs.astuple(usage)))
    return int.from_bytes(blake2b(article_id.bytes + f"{state}/{counts}".encode(), digest_size=8).digest())


class Key(NamedTuple):
    """Which article at which version a document of the index is, also one that nobody finds any more."""

    article_id: UUID
    version: int
    updated_at: datetime
    sum: int

    def packed(self) -> bytes:
        return self.article_id.bytes + _PLACE.pack(self.version, self.updated_at.timestamp(), self.sum)


_PLACE = struct.Struct(">QdQ")


def summed(parts: Sequence[float]) -> int:
    """The sum of checksums from the sums of their parts, modulo 2^64."""
    return sum(int(part) << (_PART * n) for n, part in enumerate(parts)) % (1 << 64)


def key_of(found: tantivy.Document) -> Key:
    stored: Any = found.get_first("key")
    version, updated, sum_ = _PLACE.unpack(bytes(stored)[16:])
    return Key(UUID(bytes=bytes(stored)[:16]), version, datetime.fromtimestamp(updated, UTC), sum_)


def entry_of(found: tantivy.Document) -> Entry:
    stored: Any = found.get_first("entry")
    return _decode(bytes(stored))


def document(key: Key, entry: Entry | None) -> tantivy.Document:
    """Without an entry it only remembers which version of the article was the last, for nobody to find."""
    made = tantivy.Document(id=str(key.article_id))
    for n, name in enumerate(SUMS):
        made.add_unsigned(name, key.sum >> (_PART * n) & ((1 << _PART) - 1))
    made.add_bytes("key", key.packed())
    if entry is None:
        return made
    for name, text in _texts(entry).items():
        made.add_text(name, text)
    for name, values in _raws(entry).items():
        for value in values:
            made.add_text(name, value)
    made.add_float("prior", prior(entry.usage))
    made.add_unsigned("updated_at", max(0, int(key.updated_at.timestamp() * 1000)))
    made.add_bytes("entry", _encode(entry))
    return made


def _texts(entry: Entry) -> dict[str, str]:
    found = entry.findings
    said = f"{entry.question}\n{entry.symptoms}\n{entry.cause}\n{entry.answer}"
    quoted = (found.infno, found.error, found.error_code, found.institution_code, found.msgid, entry.number)
    return {
        "title": " ".join(tokens(entry.title)),
        "body": " ".join(tokens(said)),
        "keywords": " ".join(tokens("\n".join(entry.keywords))),
        "sound": " ".join(sound_pairs(normalise("\n".join((entry.title, *entry.keywords))))),
        # Of an article's own number also one that happens to have no digit.
        "codes": " ".join(dict.fromkeys((*codes((*quoted, *found.catalogue)), *terms(entry.number)[:1]))),
    }


def _raws(entry: Entry) -> dict[str, Iterable[str]]:
    """What is filtered by. Readers are told of two states only: in force, or to be reviewed."""
    found = entry.findings
    errors = {code(found.error_code or ""), *codes((found.error,))} - {""}
    return {
        "see": entry.readers,
        "category": (entry.category,),
        "infno": (code(found.infno),) if found.infno else (),
        "error": errors,
        "institution": (code(found.institution_code),) if found.institution_code else (),
        "state": (entry.state, *((f"{READERS}{told(entry)}",) if entry.live else ())),
        "kind": (entry.kind,),
        "edition": (code(entry.edition),) if entry.edition else (),
    }


def code(text: str) -> str:
    """A code as filters compare it. At most 200 characters: the index refuses terms without bound."""
    return normalise(sendable(text)).strip()[:200]


def sendable(text: str) -> str:
    """Without halves of surrogate pairs: no UTF-8 says them, so no document has them either."""
    return text.encode(errors="ignore").decode()


def told(entry: Entry) -> str:
    """The state that readers are told: a new draft of what they read is not their matter."""
    return entry.state if entry.state == "needs_review" else "published"
