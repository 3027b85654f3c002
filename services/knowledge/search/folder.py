"""The folder of an index: `index-<n>` is its n-th generation. The highest that is whole serves, the others go."""

import re
import shutil
from pathlib import Path

from services.knowledge.search.generation import Generation

_NAME = re.compile(r"index-([0-9]{1,9})")


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def opened(self) -> Generation:
        """The newest generation that can be read, an empty one where there is none; all else in the folder is deleted.

        Raises IndexInUse.
        """
        for number in self._numbers():
            if (found := self._readable(self._at(number))) is not None:
                return self._only(found)
        return self._only(self.begun())

    def _readable(self, at: Path) -> Generation | None:
        """Only position and index together say what is in it."""
        if not (at / "position.json").is_file() or not (at / "index" / "meta.json").is_file():
            return None
        try:
            found = Generation(at)
            found.try_reading()
        except ValueError:
            return None
        return found

    def begun(self) -> Generation:
        return Generation(self.free())

    def free(self) -> Path:
        """A folder for the next generation."""
        return self._at(max(self._numbers(), default=0) + 1)

    def _only(self, found: Generation) -> Generation:
        self._keep(found.folder)
        return found

    def _keep(self, kept: Path) -> None:
        """Other parts of the service may keep things beside it."""
        for path in self.path.iterdir():
            if path != kept and (_NAME.fullmatch(path.name) or path.name == "index"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _at(self, number: int) -> Path:
        return self.path / f"index-{number}"

    def _numbers(self) -> list[int]:
        """The highest first."""
        if not self.path.exists():
            return []
        found = (_NAME.fullmatch(path.name) for path in self.path.iterdir())
        return sorted((int(match[1]) for match in found if match), reverse=True)
