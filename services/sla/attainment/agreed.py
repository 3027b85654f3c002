"""What was agreed (合同与条款), and when the directory learnt of it: contracts as they stood at any moment."""

from datetime import datetime
from typing import Literal, NamedTuple

from contracts.directory import Clause, DirectoryRemoved, DirectorySaved, ServiceContract
from contracts.envelope import Event
from services.sla.attainment.row import Row


class Article(NamedTuple):
    """A clause of a contract."""

    contract: ServiceContract
    clause: Clause

    def in_force(self, first: str, last: str) -> bool:
        """Somewhere in these months (`2026-11`)."""
        return self.contract.begins[:7] <= last and self.contract.ends[:7] >= first

    def covers(self, row: Row) -> bool:
        """Of the cycles of its contract and clock."""
        clause = self.clause
        return (not clause.categories or row.category in clause.categories) and (
            not clause.priorities or row.priority in clause.priorities
        )


class Agreed:
    """Built from the DIRECTORY stream; also knows what institutions are called now."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: the stream is another one now."""
        self._contracts: dict[str, dict[int, tuple[datetime, ServiceContract | None]]] = {}
        self._institutions: dict[str, tuple[int, str]] = {}

    def hear(self, event: Event) -> None:
        """Take in what the DIRECTORY stream says."""
        if not isinstance(event, DirectorySaved | DirectoryRemoved):
            return
        if event.kind == "contract":
            contract = event.contract if isinstance(event, DirectorySaved) else None
            self._contracts.setdefault(event.key, {})[event.version] = event.recorded_at, contract
        elif isinstance(event, DirectorySaved) and (named := event.institution) is not None:
            known, _ = self._institutions.get(event.key, (0, ""))
            if event.version > known:
                self._institutions[event.key] = event.version, named.name

    def contracts(self, as_of: datetime) -> list[ServiceContract]:
        """As the directory had them then."""
        found = []
        for versions in list(self._contracts.values()):  # sheets are made in a thread, the stream goes on meanwhile
            then = [contract for _, (at, contract) in sorted(versions.items()) if at <= as_of]
            if then and then[-1] is not None:
                found.append(then[-1])
        return sorted(found, key=lambda contract: contract.id)

    def articles(self, as_of: datetime) -> list[Article]:
        """The clauses of all contracts, whatever their term."""
        return [Article(contract, clause) for contract in self.contracts(as_of) for clause in contract.clauses]

    def knows(self, kind: Literal["contract", "institution"], key: str) -> bool:
        """Whether the directory has it, or had it once: what was agreed then may still have to be judged."""
        return key in (self._contracts if kind == "contract" else self._institutions)

    def name(self, code: str | None) -> str:
        """What the institution is called; empty where the directory does not have it."""
        return self._institutions.get(code or "", (0, ""))[1]
