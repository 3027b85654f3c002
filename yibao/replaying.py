"""What the desk's streams and editions tell, read without its services: for counting anew and for what-if."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from services.sla.book import Book
from services.sla.editions import Editions
from services.sla.model import CaseClocks
from services.sla.replayed import replayed
from yibao.servers import servers
from yibao.settings import StackSettings


class Told(NamedTuple):
    """Cases with their facts, and every edition of the promises."""

    cases: dict[UUID, CaseClocks]
    book: Book


async def told(settings: StackSettings, progress: Callable[[str, int], None]) -> Told:
    """Read both. Raises LookupError when sla has not begun an edition yet."""
    async with servers(settings) as (js, db):
        if not (editions := await Editions(db).after(0)):
            raise LookupError("还没有时限政策的记录: 请先运行 make up")
        cases = await replayed(js, lambda n: progress("读取事件流", n))
        return Told(cases, Book(editions))
