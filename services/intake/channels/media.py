"""Pictures, voice and files that a vendor keeps for a few days: fetched into the desk's own attachments in time.

A callback must be answered in seconds, so the message goes into the log at once with an address of ours, which is the
same however often the vendor repeats itself; fetching comes afterwards, again and again until it works or is hopeless.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import NotFound, Refused
from chassis.logging import logger
from chassis.personal.masking import mask
from chassis.store import Raw, binary
from contracts.channel import Attachment, ChannelMessage
from contracts.envelope import derive_id
from services.intake.channels.ports import Ports
from services.intake.channels.store import MEDIA

VENDOR_HOSTS = (".qq.com", ".qq.com.cn", ".qpic.cn", ".qlogo.cn", ".weixin.qq.com")
LIFE = timedelta(days=3)  # after that WeCom has thrown it away
FETCHED = "/channels/media/"
_AT_ONCE, _RETRY_AFTER = 20, timedelta(minutes=1)
_OURS = (FETCHED, "/attachments/", "qq-face:")

log = logger(__name__)


class Source(Protocol):
    """A vendor's store behind an id: where to fetch it, and whether what came is it."""

    async def locate(self, source: str) -> str:
        """The URL. May raise Hopeless or httpx.HTTPError."""

    def verify(self, data: bytes) -> None:
        """Raises Hopeless, or httpx.HTTPError when it is worth another try."""


class Hopeless(Exception):
    """Trying again will not help; the Chinese reason is shown to staff."""


class Media:
    """`keep` stores bytes as an attachment; `sources` know what `wecom-media:<id>` and the like stand for."""

    def __init__(self, ports: Ports, db: AsyncDatabase[Raw], keep: Any, max_bytes: int) -> None:
        self._ports, self._records, self._keep, self._max = ports, db[MEDIA], keep, max_bytes
        self.sources: dict[str, Source] = {}
        self.hosts: tuple[str, ...] = VENDOR_HOSTS
        self._http = httpx.AsyncClient(timeout=20, trust_env=False, follow_redirects=False)

    async def settle(self, message: ChannelMessage) -> ChannelMessage:
        """The message with addresses of ours; what is to be fetched is written down."""
        if all(a.url.startswith(_OURS) for a in message.attachments):
            return message
        attachments = [await self._settled(message, n, a) for n, a in enumerate(message.attachments)]
        return message.model_copy(update={"attachments": tuple(attachments)})

    async def _settled(self, message: ChannelMessage, n: int, attachment: Attachment) -> Attachment:
        if attachment.url.startswith(_OURS):
            return attachment
        id_ = derive_id("media", message.channel, message.message_id, n)
        record = {
            "sealed": self._ports.vault.seal(id_, attachment.url), "name": mask(attachment.name), "state": "waiting",
            "media_type": attachment.media_type, "at": datetime.now(UTC), "next_at": datetime.now(UTC),
        }  # fmt: skip
        await self._ports.write(MEDIA, id_, {"$setOnInsert": record})
        return attachment.model_copy(update={"url": f"{FETCHED}{id_}"})

    async def fetch(self) -> None:
        """Fetch what is waiting, oldest first."""
        query = {"state": "waiting", "next_at": {"$lte": datetime.now(UTC)}}
        async for record in self._records.find(query).sort("next_at", 1).limit(_AT_ONCE):
            change = await self._outcome(record)
            await self._records.update_one({"_id": record["_id"]}, {"$set": change})

    async def _outcome(self, record: Raw) -> Raw:
        id_, now = UUID(str(record["_id"])), datetime.now(UTC)
        try:
            data = await self._download(self._ports.vault.open(id_, record["sealed"]))
            kept: Attachment = await self._keep(record["name"], data, record["media_type"])
        except (Hopeless, Refused) as error:
            log.warning("media not kept", media=str(id_), reason=str(error))
            return {"state": "failed", "reason": str(error)}
        except httpx.HTTPError as error:
            if now - record["at"] > LIFE:
                return {"state": "failed", "reason": "三天内没有取到, 对方已不再保存: 请让来询人重发"}
            log.info("media put off", media=str(id_), error=type(error).__name__)
            return {"next_at": now + _RETRY_AFTER}
        return {"state": "kept", "url": kept.url, "sealed": b""}

    async def _download(self, source: str) -> bytes:
        vendor = self.sources.get(source.partition(":")[0])
        url = await vendor.locate(source) if vendor else source
        self._check(url)
        async with self._http.stream("GET", url) as answer:
            if answer.status_code in (400, 401, 403, 404, 410):
                raise Hopeless(f"对方不再提供这个文件 (HTTP {answer.status_code}): 请让来询人重发")
            answer.raise_for_status()
            data = await self._body(answer)
        if vendor:
            vendor.verify(data)
        return data

    async def _body(self, answer: httpx.Response) -> bytes:
        data = bytearray()
        async for chunk in answer.aiter_bytes():
            data += chunk
            if len(data) > self._max:
                raise Hopeless("文件过大, 没有保存: 请让来询人压缩后重发")
        if not data:
            raise Hopeless("对方给出的文件是空的: 请让来询人重发")
        return bytes(data)

    def _check(self, url: str) -> None:
        """Only the vendors' hosts: whoever can write a message must not make us call the inside of the network."""
        host = urlsplit(url).hostname or ""
        if not url.startswith(("http://", "https://")) or not f".{host}".endswith(self.hosts):
            raise Hopeless("文件所在的地址不在允许的范围: 请让来询人用邮件或网页表单发送")

    async def find(self, id_: UUID) -> str:
        """The attachment's address. Raises NotFound with what became of it."""
        record = await self._records.find_one({"_id": binary(id_)})
        if record is None or record["state"] == "failed":
            raise NotFound("not_found", record["reason"] if record else "没有这个附件: 请核对链接")
        if record["state"] == "waiting":
            raise NotFound("not_yet", "附件正在取回: 请稍后刷新")
        return str(record["url"])
