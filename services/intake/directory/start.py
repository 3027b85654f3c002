"""The directory, put together: its loop, its picture in memory, its first content."""

from pathlib import Path

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.http import now
from chassis.service import Service
from chassis.vault import Vault
from services.intake.directory import seed
from services.intake.directory.api import DirectoryController
from services.intake.directory.cache import Directory
from services.intake.directory.fold import fold
from services.intake.directory.store import Entries
from services.intake.directory.unknown import UnknownController

ROUTES = (DirectoryController, UnknownController)


async def start(service: Service, vault: Vault, folder: Path | None) -> Directory:
    """Returns when this process knows everybody who was known to any process before."""
    entries, directory = Entries(service.db), Directory()
    service.state.update(vault=vault, entries=entries, directory=directory)
    service.listen(Folded(fold), entries, part="directory")
    follower = Follower(service.js, "DIRECTORY", directory.hear, directory.forget)
    service.background("directory", follower.run())
    service.health.add("directory picture", follower.check)
    await seed.plant(folder, entries, service.commands, vault, now())
    await follower.caught_up()
    return directory
