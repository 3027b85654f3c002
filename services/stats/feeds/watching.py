"""Reads in the new files of watched folders. A file is known by its name, size and time: the same one is read once.

It is taken when two looks have found it the same, and kept only if it still is when it was copied: half a file would be
a data set of its own, whose rows count a second time when the whole one comes.
"""

import asyncio
from time import time
from typing import IO
from uuid import UUID

from chassis import files
from chassis.http import now
from chassis.logging import logger
from chassis.outgoing import from_command
from chassis.personal.masking import mask
from chassis.service import Service
from contracts.envelope import SYSTEM, derive_id
from contracts.stats import RequestRun, Wanted
from services.stats import metrics
from services.stats.feeds.config import Feed, Feeds
from services.stats.places import upload_path
from services.stats.problem import Problem
from services.stats.runs.store import Runs
from services.stats.sources.external import Waiting, folder
from services.stats.sources.ingest.sniff import check_head

EVERY_S = 20.0
SETTLED_S = 10.0  # written to no more for so long

log = logger(__name__)


class Watching:
    def __init__(self, service: Service, feeds: Feeds, runs: Runs, most_mb: int) -> None:
        self._service, self._feeds, self._runs, self._most_mb = service, feeds, runs, most_mb
        self._seen: set[str] = set()
        self._before: set[str] = set()  # what the look before has found

    async def look(self) -> None:
        """Ask for a run for every file that is new."""
        found: set[str] = set()
        for name, feed in self._feeds.feeds.items():
            if feed.folder is None:
                continue
            try:
                waiting = await asyncio.to_thread(folder, feed.folder, (), time() - SETTLED_S)
            except Problem as problem:
                metrics.FEED_UNREADABLE.labels(name).set(1)
                log.warning("folder cannot be read", feed=name, problem=str(problem))
                continue
            metrics.FEED_UNREADABLE.labels(name).set(0)
            for file in waiting:
                found.add(mark := f"{name}/{file.mark}")
                if mark in self._before and mark not in self._seen and await self._is_taken(name, feed, file):
                    self._seen.add(mark)
        self._seen &= found  # what has left its folder need not be remembered
        self._before = found

    async def _is_taken(self, name: str, feed: Feed, file: Waiting) -> bool:
        """Whether there is nothing left to do about this file."""
        run_id = derive_id("run of a folder", name, file.mark)
        if await self._runs.find(run_id) is None:
            try:
                await self._ask(run_id, feed, file)
            except (Problem, files.TooLarge) as problem:
                metrics.FEED_REFUSED.labels(name).inc()
                log.warning("file cannot be read", feed=name, file=mask(file.name), problem=str(problem))
            except (OSError, files.NoRoom) as error:  # a share that was away, a disk that is full: it is tried again
                log.warning("file waits", feed=name, file=mask(file.name), error=type(error).__name__)
                return False
        return True

    async def _ask(self, run_id: UUID, feed: Feed, file: Waiting) -> None:
        target = upload_path(self._service.settings.data_dir, "x").parent
        with await asyncio.to_thread(file.path.open, "rb") as source:
            kept = await files.keep(
                target, _Slow(source), most_mb=self._most_mb, check=lambda head: _check(head, file.name)
            )
        if not await asyncio.to_thread(_is_same, file):
            raise ChangedMeanwhile
        wish = RequestRun(
            id=derive_id(run_id, "request"), occurred_at=now(), actor=SYSTEM, run_id=run_id, kind="ingest",
            report=feed.table, upload_id=kept.sha256, wanted=Wanted(name=mask(file.name[:255])[:255]),
        )  # fmt: skip
        await self._service.outbox.publish([from_command(wish)])


class ChangedMeanwhile(OSError):
    """The file was written to while it was copied."""


def _is_same(file: Waiting) -> bool:
    status = file.path.stat()
    return file.mark.endswith(f":{status.st_size}:{status.st_mtime_ns}")


class _Slow:
    """A file that is read in a thread: a share of the network may take its time."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    async def read(self, size: int = -1, /) -> bytes:
        return await asyncio.to_thread(self._file.read, size)


def _check(head: bytes, name: str) -> None:
    check_head(head, name)
