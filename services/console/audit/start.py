"""The audit, put together."""

from typing import cast

from litestar.datastructures import State

from chassis.aggregate import Folded
from chassis.service import Service
from services.console.audit.fold import fold
from services.console.audit.store import Notes


def start_audit(service: Service) -> None:
    notes = service.state["audit"] = Notes(service.db)
    service.listen(Folded(fold), notes, only=("AUDIT",))


def notes_of(state: State) -> Notes:
    return cast(Notes, state.service.state["audit"])
