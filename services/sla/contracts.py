"""The service contracts of the directory, in memory: under which one an institution is served at a time. And the
institutions' names, for what people read.

Built from the DIRECTORY stream; an event that is older than what is known changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chassis.latest import Latest
from chassis.zone import BEIJING
from contracts.directory import DirectoryRemoved, DirectorySaved, ServiceContract
from contracts.envelope import Event


class Served(NamedTuple):
    """`policy` is the one that the contract names, empty where it names none."""

    contract: str
    policy: str


class _Known(NamedTuple):
    """What the directory said of a contract, and when it did; None: it was removed."""

    recorded_at: datetime
    contract: ServiceContract | None


class Contracts:
    """Answers from memory; of several contracts in force the one that began last."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: the stream is another one now."""
        self._heard = Latest()
        self._contracts: dict[str, list[_Known]] = {}
        self._names: dict[str, str] = {}

    def hear(self, event: Event) -> None:
        """Take in what the DIRECTORY stream says."""
        if not isinstance(event, DirectorySaved | DirectoryRemoved) or event.kind not in ("contract", "institution"):
            return
        if not self._heard.advance((event.kind, event.key), event.version):
            return
        saved = event if isinstance(event, DirectorySaved) else None
        if event.kind == "contract":
            known = _Known(event.recorded_at, saved.contract if saved else None)
            self._contracts.setdefault(event.key, []).append(known)
        else:
            self._names.pop(event.key, None)
            if saved is not None and saved.institution is not None:
                self._names[event.key] = saved.institution.name

    @property
    def all(self) -> tuple[ServiceContract, ...]:
        """Whatever their term, by id."""
        latest = (history[-1].contract for _, history in sorted(self._contracts.items()))
        return tuple(contract for contract in latest if contract is not None)

    @property
    def names(self) -> Mapping[str, str]:
        """The institutions' names by code."""
        return self._names

    def serving(self, institution: str | None, at: datetime, known_at: datetime) -> Served | None:
        """By what the directory had said at `known_at`, however late somebody asks.

        None where there is no contract; days are compared as they are written, both inclusive.
        """
        if institution is None or not self._contracts:
            return None
        day = at.astimezone(BEIJING).date().isoformat()
        known = (_known(history, known_at) for history in self._contracts.values())
        found = [c for c in known if c and c.begins <= day <= c.ends and institution in c.institution_codes]
        if not found:
            return None
        chosen = max(found, key=lambda c: (c.begins, c.id))
        return Served(chosen.id, chosen.policy)


def _known(history: Sequence[_Known], at: datetime) -> ServiceContract | None:
    return next((known.contract for known in reversed(history) if known.recorded_at <= at), None)
