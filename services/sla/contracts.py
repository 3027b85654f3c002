"""The service contracts of the directory, in memory: under which one an institution is served at a time. And the
institutions' names, for what people read.

Built from the DIRECTORY stream; an event that is older than what is known changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from chassis.zone import BEIJING
from contracts.directory import DirectoryRemoved, DirectorySaved, ServiceContract
from contracts.envelope import Event


class Served(NamedTuple):
    """`policy` is the one that the contract names, empty where it names none."""

    contract: str
    policy: str


class Contracts:
    """Answers from memory; of several contracts in force the one that began last."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: the stream is another one now."""
        self._versions: dict[tuple[str, str], int] = {}
        self._contracts: dict[str, ServiceContract] = {}
        self._names: dict[str, str] = {}

    def hear(self, event: Event) -> None:
        """Take in what the DIRECTORY stream says."""
        if not isinstance(event, DirectorySaved | DirectoryRemoved) or event.kind not in ("contract", "institution"):
            return
        if event.version <= self._versions.get((event.kind, event.key), 0):
            return
        self._versions[event.kind, event.key] = event.version
        (self._contracts if event.kind == "contract" else self._names).pop(event.key, None)
        if isinstance(event, DirectorySaved) and event.contract is not None:
            self._contracts[event.key] = event.contract
        elif isinstance(event, DirectorySaved) and event.institution is not None:
            self._names[event.key] = event.institution.name

    @property
    def all(self) -> tuple[ServiceContract, ...]:
        """Whatever their term, by id."""
        return tuple(contract for _, contract in sorted(self._contracts.items()))

    @property
    def names(self) -> Mapping[str, str]:
        """The institutions' names by code."""
        return self._names

    def serving(self, institution: str | None, at: datetime) -> Served | None:
        """None where there is no contract; days are compared as they are written, both inclusive."""
        if institution is None or not self._contracts:
            return None
        day = at.astimezone(BEIJING).date().isoformat()
        found = [
            c for c in self._contracts.values() if c.begins <= day <= c.ends and institution in c.institution_codes
        ]
        if not found:
            return None
        chosen = max(found, key=lambda c: (c.begins, c.id))
        return Served(chosen.id, chosen.policy)
