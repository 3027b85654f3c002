"""The first content of the directory: CSV files in a folder, loaded at the start where an entry is unknown.

What staff changed or removed since is theirs: an entry that there is, or has been, is left alone.
"""

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path

from chassis.commands import CommandBus
from chassis.logging import logger
from chassis.vault import Vault
from contracts.directory import SaveEntry
from contracts.envelope import SYSTEM, derive_id
from services.intake.directory.accounts import identity
from services.intake.directory.model import Body, entry_id, key_of
from services.intake.directory.store import Entries
from services.intake.directory.tables import FILES, NotATable, rows

AT_ONCE = 64

log = logger(__name__)


async def plant(folder: Path | None, entries: Entries, commands: CommandBus, vault: Vault, now: datetime) -> int:
    """Wish for every entry of the folder's files that is unknown, and wait for the outcome; how many.

    A bad file or row is logged and left out.
    """
    if folder is None or not folder.is_dir():
        return 0
    found = {entry_id(kind, key_of(body)): (kind, body) for kind, body in _read(folder, vault)}
    known = await entries.known(list(found))
    wishes = [_wish(kind, body, now) for id_, (kind, body) in found.items() if id_ not in known]
    for start in range(0, len(wishes), AT_ONCE):
        await asyncio.gather(*(commands.send(wish) for wish in wishes[start : start + AT_ONCE]))
    log.info("directory seeded", entries=len(wishes), folder=str(folder))
    return len(wishes)


def _read(folder: Path, vault: Vault) -> list[tuple[str, Body]]:
    found: list[tuple[str, Body]] = []
    for name, kind in FILES.items():
        path = folder / name
        if not path.is_file():
            continue
        try:
            for row in rows(kind, path.read_bytes(), partial(identity, vault)):
                if row.body is None:
                    log.warning("directory seed: row left out", file=name, line=row.line, problem=row.problem)
                else:
                    found.append((kind, row.body))
        except NotATable as error:
            log.warning("directory seed: file left out", file=name, problem=str(error))
    return found


def _wish(kind: str, body: Body, now: datetime) -> SaveEntry:
    # Two processes that start together wish for the same under the same id, which is done once.
    id_ = derive_id("seed", kind, key_of(body))
    return SaveEntry.model_validate({"id": id_, "occurred_at": now, "actor": SYSTEM, "expected_version": 0, kind: body})
