"""Fetching the records of WeChat customer service: from the callback that announces them until they are in the log.

What is to be fetched stands in MongoDB before the vendor gets its answer, and the cursor moves only after a page is in
the log. A crash at any point fetches a page again, whose messages have the ids that they had: nothing is lost, and
nothing counted twice.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
from litestar.exceptions import HTTPException
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from chassis.logging import logger
from chassis.store import Raw, binary
from contracts.channel import ChannelMessage
from contracts.envelope import derive_id
from services.intake.channels.ports import NotTaken
from services.intake.channels.reading import BadPayload
from services.intake.channels.wecom.access import EXPIRED, Access, TokenTrouble
from services.intake.channels.wecom.kf import Page, Ring, parse_page
from services.intake.channels.wecom.messages import address_of

COLLECTION: Final = "kf"
MOST = 1_000  # what the vendor gives at once
_RETRY_AFTER = timedelta(seconds=10)

Take = Callable[[ChannelMessage, dict[str, str]], Awaitable[None]]
log = logger(__name__)


class Pull:
    """One document per 客服账号: `asked` counts announcements, `waiting` says that one is not carried out yet."""

    def __init__(self, access: Access, db: AsyncDatabase[Raw], take: Take) -> None:
        self._access, self._desks, self._take = access, db[COLLECTION], take

    async def announce(self, ring: Ring) -> None:
        """Write down that there is something. Raises NotTaken while the database is away: the vendor calls again."""
        if not self._access.possible:
            raise HTTPException(status_code=404, detail="微信客服未启用: 请在 channels.yaml 中配置 wecom.corp_secret")
        facts = {"desk": ring.desk, "token": ring.token, "next_at": datetime.now(UTC), "waiting": True}
        try:
            await self._desks.update_one(
                {"_id": binary(derive_id("kf", ring.desk))}, {"$set": facts, "$inc": {"asked": 1}}, upsert=True
            )
        except PyMongoError:
            raise NotTaken from None

    async def fetch(self) -> None:
        """Everything that is waiting; what does not work now is tried again."""
        async for desk in self._desks.find({"waiting": True, "next_at": {"$lte": datetime.now(UTC)}}):
            try:
                await self._all_of(desk)
            except (httpx.HTTPError, BadPayload, NotTaken) as error:
                # The address would name the access token.
                log.warning("customer service put off", error=type(error).__name__, reason=_reason(error))
                later = {"next_at": datetime.now(UTC) + _RETRY_AFTER}
                await self._desks.update_one({"_id": desk["_id"]}, {"$set": later})

    async def _all_of(self, desk: Raw) -> None:
        cursor, more = str(desk.get("cursor", "")), True
        while more:
            page = await self._page(desk, cursor)
            for index, reason in page.wrong:
                log.warning("customer service record not read", cursor=cursor, index=index, reason=reason)
            for message in page.messages:
                await self._take(message, address_of(message))
            # Somebody else who fetches at the same time keeps theirs: both took the same messages.
            await self._desks.update_one({"_id": desk["_id"]}, {"$set": {"cursor": page.cursor}})
            cursor, more = page.cursor, page.more
        # Announced again in the meantime? Then it stays waiting.
        over = {"_id": desk["_id"], "asked": desk["asked"]}
        await self._desks.update_one(over, {"$set": {"waiting": False, "token": ""}})

    async def _page(self, desk: Raw, cursor: str) -> Page:
        answer = await self._ask(desk, cursor, str(desk.get("token", "")))
        code = answer.get("errcode")
        if code in EXPIRED:
            self._access.expired()
            raise TokenTrouble("token expired")
        if code and desk.get("token"):
            # The announcement's own token lasts ten minutes; after a longer pause the vendor answers without it.
            answer = await self._ask(desk, cursor, "")
            code = answer.get("errcode")
        if code != 0:
            raise BadPayload(f"企业微信没有给出客服记录 (errcode {code}): 请检查应用是否可调用微信客服接口")
        return parse_page(answer, cursor)

    async def _ask(self, desk: Raw, cursor: str, token: str) -> dict[str, Any]:
        wanted = {"cursor": cursor, "token": token, "open_kfid": desk["desk"], "limit": MOST}
        answer = await self._access.http.post(
            f"{self._access.base}/cgi-bin/kf/sync_msg",
            params={"access_token": await self._access.token()},
            json={name: value for name, value in wanted.items() if value},
        )
        answer.raise_for_status()
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise BadPayload("企业微信的应答不是 JSON 对象: 请检查 wecom.api_url")
        return body


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, BadPayload) else ""
