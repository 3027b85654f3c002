"""What the streams tell of every case: its facts as sla heard them, without what sla has stored.

The directory is heard in step with the cases, so that a case comes under the contract that was known when it was heard.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

from msgspec.structs import replace
from nats.js import JetStreamContext
from pydantic import ValidationError

from chassis.replay import replay
from contracts.case import CaseEvent
from contracts.directory import DirectoryRemoved, DirectorySaved
from contracts.envelope import Event
from contracts.registry import SUBJECTS
from contracts.sla import SlaAcknowledged
from contracts.topology import durables_of
from services.sla.contracts import Contracts
from services.sla.facts import learned
from services.sla.model import Acknowledged, CaseClocks

_CASE = tuple(f for d in durables_of("sla") if d.stream == "CASE" for f in d.filters)
Progress = Callable[[int], None]


async def replayed(js: JetStreamContext, progress: Progress = lambda n: None) -> dict[UUID, CaseClocks]:
    """Cases with their facts and acknowledgements; `SlaFold.told` computes the clocks. Some 2 KB a case."""
    directory, n = await _directory(js), 0
    contracts, cases = Contracts(), dict[UUID, CaseClocks]()
    async for event in case_events(js):
        while directory and directory[-1].recorded_at <= event.recorded_at:
            contracts.hear(directory.pop())
        before = cases.get(event.case_id) or CaseClocks(event.case_id)
        cases[event.case_id] = learned(before, event, contracts)
        n += 1
        if n % 1_000 == 0:
            progress(n)
    async for said in _events(js, "SLA", ("sla.acknowledged",)):
        if isinstance(said, SlaAcknowledged) and (case := cases.get(said.case_id)) is not None:
            known = Acknowledged(said.clock, said.cycle, said.recorded_at, said.by)
            cases[said.case_id] = replace(case, acknowledged=(*case.acknowledged, known))
    return cases


async def case_events(js: JetStreamContext) -> AsyncIterator[CaseEvent]:
    """All events of cases that clocks go by, in the order in which they were stored."""
    async for event in _events(js, "CASE", _CASE):
        assert isinstance(event, CaseEvent)
        yield event


async def _directory(js: JetStreamContext) -> list[DirectorySaved | DirectoryRemoved]:
    """What the directory said, the newest first."""
    told = [e async for e in _events(js, "DIRECTORY", ("directory.saved", "directory.removed"))]
    return [e for e in reversed(told) if isinstance(e, DirectorySaved | DirectoryRemoved)]


async def _events(js: JetStreamContext, stream: str, subjects: Sequence[str]) -> AsyncIterator[Event]:
    async for stored in replay(js, stream, subjects):
        try:
            event = SUBJECTS[stored.subject].model_validate_json(stored.body)
        except ValidationError:
            continue  # it is in the dead letters
        assert isinstance(event, Event)
        yield event
