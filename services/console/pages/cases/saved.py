"""Lists that somebody has given a name (我的筛选): one document per person, changed in one write."""

from typing import Any, Final
from urllib.parse import parse_qsl

from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import Refused
from services.console.pages.cases.listed import View, address, asked

MOST: Final = 20


class TooMany(Refused):
    status = 409


class Saved:
    """`account` sees and changes his own only."""

    def __init__(self, db: AsyncDatabase[dict[str, Any]]) -> None:
        self._views = db["views"]

    async def of(self, account: str) -> list[View]:
        """In the order in which they were made."""
        row = await self._views.find_one({"_id": account}) or {"views": []}
        return [View(view["title"], view["key"]) for view in row["views"]]

    async def save(self, account: str, title: str, query: str) -> View:
        """Under a name that there is, it takes the other's place. Raises TooMany."""
        view = View(title, address(asked(parse_qsl(query))))
        kept = [v for v in await self.of(account) if v.title != title]
        if len(kept) >= MOST:
            raise TooMany("too_many", f"最多保存 {MOST} 个筛选: 请先删除不用的")
        views = [v._asdict() for v in (*kept, view)]
        await self._views.update_one({"_id": account}, {"$set": {"views": views}}, upsert=True)
        return view

    async def remove(self, account: str, title: str) -> None:
        await self._views.update_one({"_id": account}, {"$pull": {"views": {"title": title}}})
