"""What a picture of a stream has heard of each thing: events come twice and, from several lanes, in any order. Pure."""

from collections.abc import Hashable


class Latest:
    """The latest version of each thing that was heard of."""

    def __init__(self) -> None:
        self._versions: dict[Hashable, int] = {}

    def advance(self, thing: Hashable, version: int) -> bool:
        """Whether this is later than all that was heard of the thing; then it is the latest from now on."""
        if version <= self._versions.get(thing, 0):
            return False
        self._versions[thing] = version
        return True
