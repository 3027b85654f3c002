"""What was agreed (合同与条款), and when the directory learnt of it: contracts as they stood at any moment."""

from datetime import datetime
from typing import NamedTuple

from contracts.directory import Clause, DirectoryRemoved, DirectorySaved, ServiceContract
from contracts.envelope import Event
from services.sla.attainment.row import Row


class Article(NamedTuple):
    """A clause of a contract."""

    contract: ServiceContract
    clause: Clause

    def covers(self, row: Row) -> bool:
        clause = self.clause
        return (
            (row.contract, row.clock) == (self.contract.id, clause.clock)
            and (not clause.categories or row.category in clause.categories)
            and (not clause.priorities or row.priority in clause.priorities)
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
        for versions in self._contracts.values():
            then = [contract for _, (at, contract) in sorted(versions.items()) if at <= as_of]
            if then and then[-1] is not None:
                found.append(then[-1])
        return sorted(found, key=lambda contract: contract.id)

    def articles(self, as_of: datetime, first: str, last: str) -> list[Article]:
        """The clauses of contracts that are in force somewhere in these months (`2026-11`)."""
        there = [c for c in self.contracts(as_of) if c.begins[:7] <= last and c.ends[:7] >= first]
        return [Article(contract, clause) for contract in there for clause in contract.clauses]

    def name(self, code: str | None) -> str:
        """What the institution is called; empty where the directory does not have it."""
        return self._institutions.get(code or "", (0, ""))[1]
