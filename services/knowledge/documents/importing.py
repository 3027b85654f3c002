"""One file into articles: judged, then read, masked and divided in a child process."""

import asyncio
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from pydantic import ValidationError

from chassis.logging import logger
from chassis.personal.masking import mask_reply
from contracts.case import Category
from contracts.envelope import derive_id
from contracts.knowledge import ArticleContent, ArticleKind, Source
from services.knowledge import child
from services.knowledge.child import Bounds, Crashed, Stopped, at_once
from services.knowledge.documents.extract import Answer, Asked
from services.knowledge.documents.shaping import Part
from services.knowledge.documents.sniff import Sniffed, sniff
from services.knowledge.documents.trouble import CODES, Unreadable

MODULE: Final = "services.knowledge.documents.extract"
BOUNDS: Final = Bounds(wall_s=120, answer_mb=16)
_LONGEST_PATH: Final = 4_096

log = logger(__name__)


class Wanted(NamedTuple):
    """What the form says of all files of one upload. `title` is for a single one."""

    category: Category
    kind: ArticleKind = "guide"
    audience: str = "engineers"
    title: str = ""
    edition: str = ""
    institution_type: str = ""


class Read(NamedTuple):
    """A document that was read: its parts are masked, and so is `name`."""

    sha256: str
    name: str
    sniffed: Sniffed
    parts: list[Part]
    notes: list[str]

    def article_id(self, part: Part) -> UUID:
        """The same file gives the same articles."""
        return derive_id("document", self.sha256, part.number)

    @property
    def source(self) -> Source:
        return Source(kind="document", id=self.sha256, label=self.name)

    def content(self, part: Part, wanted: Wanted) -> ArticleContent:
        return ArticleContent(
            title=part.title, question=part.title, answer=part.text, keywords=part.keywords, category=wanted.category,
            kind=wanted.kind, audience=wanted.audience, edition=wanted.edition,
            institution_type=wanted.institution_type,
        )  # fmt: skip


class Reader:
    """Reads documents. Whoever asks sees to it that they are read one at a time: a child may take a gigabyte."""

    def __init__(self, module: str = MODULE, bounds: Bounds = BOUNDS) -> None:
        self._module, self._bounds = module, bounds

    async def read(self, name: str, data: bytes, title: str) -> Read:
        """Raises Unreadable."""
        name = clean_name(name)
        sniffed = sniff(name, data)
        found = await self._extract(Asked(sniffed.kind, title, name), data)
        digest = await asyncio.to_thread(sha256, data)
        return Read(digest.hexdigest(), name, sniffed, found.parts, found.notes)

    async def _extract(self, asked: Asked, data: bytes) -> Answer:
        feed = at_once(msgspec.json.encode(asked) + b"\n", data)
        try:
            found = msgspec.json.decode(await child.answer_of(self._module, feed, self._bounds), type=Answer)
        except Stopped:
            raise Unreadable("too_complex") from None
        except (Crashed, ValueError) as error:
            log.warning("a document could not be read", kind=asked.kind, error=str(error)[:200])
            raise Unreadable("too_complex" if _out_of_bounds(error) else "broken") from None
        if found.trouble:
            raise Unreadable(found.trouble if found.trouble in CODES else "broken")
        return found


def _out_of_bounds(error: Exception) -> bool:
    """Killed for its time, or out of memory where Python could not say so."""
    return isinstance(error, Crashed) and error.returncode < 0


def clean_name(name: str) -> str:
    """Masked, without folders and control characters, at most 150 characters, its ending kept."""
    last = name[-_LONGEST_PATH:].replace("\\", "/").rpartition("/")[2]
    plain = mask_reply("".join(c for c in last if c.isprintable())).strip(" .")
    return (plain if len(plain) <= 150 else f"{plain[:130]}{plain[-20:]}") or "文档"


def fits(wanted: Wanted) -> bool:
    """Whether the form's words are those of the contract."""
    try:
        ArticleContent(
            title="-", question="-", answer="-", **{k: v for k, v in wanted._asdict().items() if k != "title"}
        )
    except ValidationError:
        return False
    return True
