"""What the streams tell of every case: its facts as sla heard them, without what sla has stored.

A case comes under the contract that the directory had told of when it was heard.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

from msgspec.structs import replace
from nats.js import JetStreamContext
from pydantic import ValidationError

from chassis.replay import replay
from contracts.case import CaseEvent
from contracts.envelope import Event
from contracts.sla import SlaAcknowledged
from contracts.subjects import model_of
from contracts.topology import durables_of
from services.sla.contracts import Contracts
from services.sla.facts import learned
from services.sla.model import Acknowledged, CaseClocks

_CASE = tuple(f for d in durables_of("sla") if d.stream == "CASE" for f in d.filters)
Progress = Callable[[int], None]


async def replayed(js: JetStreamContext, progress: Progress = lambda n: None) -> dict[UUID, CaseClocks]:
    """Cases with their facts and acknowledgements; `SlaFold.told` computes the clocks. Some 2 KB a case."""
    contracts, cases, n = Contracts(), dict[UUID, CaseClocks](), 0
    async for told in events(js, "DIRECTORY", ("directory.saved", "directory.removed")):
        contracts.hear(told)
    async for event in case_events(js):
        before = cases.get(event.case_id) or CaseClocks(event.case_id)
        cases[event.case_id] = learned(before, event, contracts)
        n += 1
        if n % 1_000 == 0:
            progress(n)
    async for said in events(js, "SLA", ("sla.acknowledged",)):
        if isinstance(said, SlaAcknowledged) and (case := cases.get(said.case_id)) is not None:
            known = Acknowledged(said.clock, said.cycle, said.recorded_at, said.by)
            cases[said.case_id] = replace(case, acknowledged=(*case.acknowledged, known))
    return cases


async def case_events(js: JetStreamContext) -> AsyncIterator[CaseEvent]:
    """All events of cases that clocks go by, in the order in which they were stored."""
    async for event in events(js, "CASE", _CASE):
        assert isinstance(event, CaseEvent)
        yield event


async def events(js: JetStreamContext, stream: str, subjects: Sequence[str] = ()) -> AsyncIterator[Event]:
    """What the stream tells; what this version of the desk does not know, or has buried, is left out."""
    async for stored in replay(js, stream, subjects):
        model = model_of(stored.subject)
        if model is None or not issubclass(model, Event):
            continue  # of another version of the desk
        try:
            yield model.model_validate_json(stored.body)
        except ValidationError:
            continue  # it is in the dead letters
