"""How an article becomes a document of the index and comes back as one that can be shown."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import tantivy

from chassis.chinese import codes, tokens
from contracts.case import Category
from contracts.knowledge import ArticleEvent

FORMAT = 1
"""Rises whenever fields or tokens change: an index of another format is built anew."""

_TOKENIZER = "tokens"


class Entry(msgspec.Struct, frozen=True):
    """What the index knows of an article: enough to show it without asking the database."""

    article_id: UUID
    case_id: UUID
    number: str
    title: str
    question: str
    answer: str
    category: Category
    version: int
    resolved_at: datetime


_encode: Callable[[Entry], bytes] = msgspec.json.Encoder().encode
_decode: Callable[[bytes], Entry] = msgspec.json.Decoder(Entry).decode


def schema() -> tantivy.Schema:
    """`codes` holds words with a digit as people quote them; no positions, because nobody asks for phrases."""
    builder = tantivy.SchemaBuilder()
    for name in ("id", "category"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("title", "body", "codes"):
        builder.add_text_field(name, tokenizer_name=_TOKENIZER, index_option="freq")
    builder.add_unsigned_field("resolved_at", fast=True)
    builder.add_bytes_field("entry", stored=True)
    return builder.build()


def register(index: tantivy.Index) -> None:
    """Texts come tokenised: the index only has to split at the spaces between tokens."""
    analyser = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_TOKENIZER, analyser)


def document(event: ArticleEvent) -> tantivy.Document:
    found = event.findings
    words = codes((found.infno, found.error, found.institution_code, found.msgid, event.number))
    made = tantivy.Document(
        id=str(event.article_id),
        category=event.category,
        title=" ".join(tokens(event.title)),
        body=" ".join(tokens(f"{event.question}\n{event.answer}")),
        codes=" ".join(words),
    )
    made.add_unsigned("resolved_at", max(0, int(event.occurred_at.timestamp() * 1000)))
    made.add_bytes("entry", _encode(_entry(event)))
    return made


def entry_of(found: tantivy.Document) -> Entry:
    stored: Any = found.get_first("entry")
    return _decode(bytes(stored))


def _entry(event: ArticleEvent) -> Entry:
    return Entry(
        article_id=event.article_id,
        case_id=event.case_id,
        number=event.number,
        title=event.title,
        question=event.question,
        answer=event.answer,
        category=event.category,
        version=event.version,
        resolved_at=event.occurred_at,
    )
