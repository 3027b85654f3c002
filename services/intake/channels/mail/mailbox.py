"""The desk's mailbox: every mail of a person becomes a message, once, however often anything on the way fails.

A mail is published first and only then counted as taken. After a crash in between it is published again under the
same id, which intake recognises. The mailbox itself is never emptied.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from chassis.logging import logger
from chassis.vault import Unreadable
from contracts.channel import conversation_of
from services.intake import metrics
from services.intake.channels.attachments.kept import Attachments
from services.intake.channels.mail.files import with_files
from services.intake.channels.mail.imap import TROUBLE, Fetched, ImapFolder
from services.intake.channels.mail.parse import Mail, address_after, parse_mail
from services.intake.channels.mail.settings import MailSettings
from services.intake.channels.ports import NotTaken, Ports
from services.intake.channels.reading import BadPayload

COLLECTION = "mailboxes"
_LONGEST_PAUSE_S = 60.0
_SLICE_S = 1.0  # how long a stop may have to wait for the thread

log = logger(__name__)
T = TypeVar("T")


class Mailbox:
    """Reads one folder for ever."""

    def __init__(
        self, settings: MailSettings, db: AsyncDatabase[dict[str, Any]], ports: Ports, attachments: Attachments
    ) -> None:
        self._settings, self._ports, self._attachments = settings, ports, attachments
        imap = settings.imap
        self._marks, self._id = db[COLLECTION], f"{imap.user}@{imap.host}/{imap.folder}"
        self._folder = ImapFolder(imap)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="imap")

    async def run(self) -> None:
        """Trouble on any side ends the connection, never the reading."""
        metrics.show_mailbox()
        pause = 1.0
        while True:
            try:
                await self._open()
                pause = 1.0
                while True:
                    await self._take_new()
                    await self._wait()
            except (*TROUBLE, PyMongoError, NotTaken) as error:
                log.warning("mailbox waits", error=f"{type(error).__name__}: {error}"[:300])
            except Exception as error:
                # A server that answers what nobody expects: worth a traceback, no reason to stop for ever.
                log.exception("mailbox fails", error=type(error).__name__)
            finally:
                metrics.MAILBOX.set(0)
                self._folder.close()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def _call(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def _open(self) -> None:
        """Connect. A folder that was numbered anew is read again from some days ago: known mails change nothing."""
        self._validity, self._newest = await self._call(self._folder.open)
        metrics.MAILBOX.set(1)
        mark = await self._marks.find_one({"_id": self._id})
        self._last: int | None = mark["last_uid"] if mark and mark["validity"] == self._validity else None

    async def _take_new(self) -> None:
        first, uids = self._last is None, await self._call(self._new)
        for uid in uids:
            if (fetched := await self._call(self._folder.fetch, uid)) is not None:
                metrics.MAILS.labels(await self._take(uid, fetched)).inc()
            await self._advance(uid)
        if first:
            # Older mails than those are nobody's question any more.
            await self._advance(self._newest)

    def _new(self) -> list[int]:
        if self._last is not None:
            return self._folder.uids_after(self._last)
        since = datetime.now(UTC) - timedelta(days=self._settings.imap.rescan_days)
        return self._folder.uids_since(since.date())

    async def _advance(self, uid: int) -> None:
        self._last = max(uid, self._last or 0)
        mark = {"validity": self._validity, "last_uid": self._last, "at": datetime.now(UTC)}
        await self._marks.replace_one({"_id": self._id}, mark, upsert=True)

    async def _take(self, uid: int, fetched: Fetched) -> str:
        """What became of one mail."""
        try:
            mail = await asyncio.to_thread(parse_mail, fetched.raw, fetched.received_at, self._settings.ours)
        except BadPayload as error:
            # A person has to look: the mail stays in the mailbox, marked.
            log.warning("mail not readable", uid=uid, reason=str(error))
            await self._mark(uid, b"\\Flagged")
            return "unreadable"
        except Exception as error:
            log.exception("mail not readable", uid=uid, error=type(error).__name__)
            await self._mark(uid, b"\\Flagged")
            return "unreadable"
        if mail is None:
            return "automatic"
        await self._publish(mail, fetched.complete)
        if self._settings.imap.mark_seen:
            await self._mark(uid, b"\\Seen")
        return "taken"

    async def _mark(self, uid: int, flag: bytes) -> None:
        """A folder that may only be read is no reason not to read it."""
        with suppress(*TROUBLE):
            await self._call(self._folder.mark, uid, flag)

    async def _publish(self, mail: Mail, complete: bool) -> None:
        message = await with_files(self._attachments, mail, complete)
        await self._ports.take([(message, address_after(await self._known(mail), mail))])

    async def _known(self, mail: Mail) -> dict[str, str] | None:
        conversation = conversation_of(mail.message.channel, mail.message.conversation_id)
        try:
            return await self._ports.address_of(conversation)
        except Unreadable:
            return None  # sealed with another key: no answer could go there

    async def _wait(self) -> None:
        """Until the server tells of a mail, or it is time to look again."""
        deadline = asyncio.get_running_loop().time() + self._settings.imap.poll_s
        if not await self._call(lambda: self._folder.tells):
            await asyncio.sleep(self._settings.imap.poll_s)
            return
        await self._call(self._folder.listen)
        while asyncio.get_running_loop().time() < deadline:
            if await self._call(self._folder.heard, _SLICE_S):
                break
        await self._call(self._folder.stop_listening)
