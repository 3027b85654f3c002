"""One file into articles: judged, read in a child process, shaped, its original sealed, its articles wished for."""

import asyncio
import json
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from chassis.logging import logger
from chassis.personal.masking import mask_reply
from contracts.case import Category
from contracts.envelope import derive_id
from contracts.knowledge import ArticleContent, ArticleKind, Source
from services.knowledge import child
from services.knowledge.child import Bounds, Crashed, Stopped, at_once
from services.knowledge.documents.plain import MOST_CHARACTERS
from services.knowledge.documents.shaping import Part, shaped
from services.knowledge.documents.sniff import Sniffed, sniff
from services.knowledge.documents.trouble import CODES, Unreadable

MODULE: Final = "services.knowledge.documents.extract"
BOUNDS: Final = Bounds(wall_s=120, answer_mb=16)

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
    """Reads documents, one at a time: a child may take a gigabyte."""

    def __init__(self, module: str = MODULE, bounds: Bounds = BOUNDS) -> None:
        self._module, self._bounds = module, bounds
        self._turn = asyncio.Semaphore(1)

    async def read(self, name: str, data: bytes, title: str) -> Read:
        """Raises Unreadable."""
        name = clean_name(name)
        sniffed = sniff(name, data)
        async with self._turn:
            found = await self._extract(sniffed, data)
        parts = await asyncio.to_thread(shaped, found["text"], title or found["title"], name)
        return Read(sha256(data).hexdigest(), mask_reply(name), sniffed, parts, found["notes"])

    async def _extract(self, sniffed: Sniffed, data: bytes) -> dict[str, Any]:
        feed = json.dumps({"kind": sniffed.kind}).encode() + b"\n" + data
        try:
            found: dict[str, Any] = json.loads(await child.answer_of(self._module, at_once(feed), self._bounds))
        except Stopped:
            raise Unreadable("too_complex") from None
        except (Crashed, ValueError) as error:
            log.warning("a document could not be read", kind=sniffed.kind, error=str(error)[:200])
            raise Unreadable("too_complex" if _out_of_bounds(error) else "broken") from None
        if trouble := found.get("trouble"):
            raise Unreadable(trouble if trouble in CODES else "broken")
        if len(found["text"]) > MOST_CHARACTERS:
            raise Unreadable("too_long")
        return found


def _out_of_bounds(error: Exception) -> bool:
    """Killed for its time, or out of memory where Python could not say so."""
    return isinstance(error, Crashed) and error.returncode < 0


def clean_name(name: str) -> str:
    """Without folders and control characters, at most 150 characters, its ending kept."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip(" .")
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
