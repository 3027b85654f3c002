"""Clears away files that have been kept as long as was agreed: results and uploads.

That a result is gone is said first, and its files go only when that is stored: nobody finds a result that is not there.
Data sets stay: what was counted can be counted again.
"""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from chassis import files
from chassis.http import now
from chassis.outgoing import from_command
from chassis.service import Service
from contracts.envelope import SYSTEM, derive_id
from contracts.stats import ExpireRun
from services.stats.places import run_dir, upload_path
from services.stats.runs.store import Runs

EVERY_S = 3600.0
_AGAIN = timedelta(days=2)  # a service that was stopped before it had cleared them away does so later


class Keeping:
    """`clock` tells the time of the looks; files are as old as their last change."""

    def __init__(self, service: Service, runs: Runs, keep_days: float, clock: Callable[[], datetime] = now) -> None:
        self._service, self._runs, self._kept, self._clock = service, runs, timedelta(days=keep_days), clock
        self._data_dir = service.settings.data_dir

    async def look(self) -> None:
        """Clear away the results that are said to be gone, say it of those that are too old, tidy uploads."""
        at = self._clock()
        for run_id in await self._runs.expired(at - _AGAIN):
            await asyncio.to_thread(shutil.rmtree, run_dir(self._data_dir, run_id), True)
        for run_id in await self._runs.outdated(at - self._kept):
            wish = ExpireRun(id=derive_id(run_id, "expire"), occurred_at=at, actor=SYSTEM, run_id=run_id)
            await self._service.outbox.publish([from_command(wish)])
        await asyncio.to_thread(tidy_uploads, upload_path(self._data_dir, "x").parent, (at - self._kept).timestamp())


def tidy_uploads(folder: Path, before: float) -> None:
    """Remove uploads not touched since `before` (seconds since 1970), and what was left of those cut off."""
    files.tidy(folder)
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):
            if files.is_name(path.name) and path.stat().st_mtime < before:
                path.unlink()
