"""Whatever a case is told, in whatever order and however often: it stays a case, and says only what it may say."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.errors import Full, Refused, Unacceptable
from chassis.store import Document
from contracts.channel import ChannelMessage
from contracts.envelope import Contract
from services.intake import model
from services.intake.model import Case
from services.intake.record.audit import verify
from services.intake.workflows.engine import WORKFLOWS
from tests.chassis.folding import Folder
from tests.support.make import NOON
from tests.unit.intake.cases import desk
from tests.unit.intake.fuzz.inputs import PLANTED_ID, PLANTED_PHONE, drawn

LONGEST, MOST_LINES = 40, 6
PLAY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture(scope="module", autouse=True)
def _small_cases() -> Iterator[None]:
    """A case is full after a few lines, so that sequences get there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "MAX_LINES", MOST_LINES)
        yield


class Played:
    """A desk that hears one input after the other; `taken` are those that it followed."""

    def __init__(self) -> None:
        self.desk: Folder[Case] = desk()
        self.now = NOON
        self.taken: list[Contract] = []

    def hear(self, body: Contract) -> None:
        put_aside = len(self.desk.refused)
        try:
            self.desk.hear(body, now=self.now)
        except (Refused, Full, Unacceptable):
            return
        if len(self.desk.refused) == put_aside:
            self.taken.append(body)


def at_home(case: Case) -> None:
    """Status, step and who owes the next one agree."""
    step = WORKFLOWS[case.kind].step(case.step)
    assert step is not None
    if case.status == "waiting":  # anything may be put on wait, for anybody, and stays in its step
        assert case.owes == case.waiting_for
    else:
        assert (case.status, case.owes) == (step.status, step.owes)
    assert (case.ended_at is not None) == (case.status in ("resolved", "closed"))
    assert not (case.current and (case.is_full or case.merged_into is not None or case.status == "closed"))
    assert (case.merged_into is None) or (case.status == "closed" and not case.lines)


def in_one_place(played: Played) -> None:
    """Every message that was taken is in exactly one case."""
    held = Counter(m for case in played.desk.states.values() for line in case.lines for m in line.message_ids)
    assert held == Counter({b.message_id for b in played.taken if isinstance(b, ChannelMessage)})


def well_said(document: Document[Case]) -> None:
    texts = [body.decode() for _, body in document.said]
    assert verify(texts, document.head).ok
    assert len({words.id for words, _ in document.said}) == len(texts)
    for text in (*texts, msgspec.json.encode(document.state).decode()):
        assert PLANTED_ID not in text and PLANTED_PHONE not in text


def as_it_is(played: Played) -> dict[UUID, tuple[Case | None, int, str, int]]:
    documents = played.desk.documents.items()
    return {i: (d.state, d.version, d.head, len(d.said)) for i, d in documents if d.state is not None}


@PLAY
@given(st.data())
def test_any_sequence_of_inputs_leaves_sound_cases(data: st.DataObject) -> None:
    played = Played()
    for n in range(data.draw(st.integers(1, LONGEST), label="inputs")):
        body = data.draw(
            st.composite(lambda draw, n=n: drawn(draw, n, played.desk.states, played.now))(), label="input"
        )
        played.hear(body)
        if data.draw(st.integers(0, 4)) == 0:
            played.hear(body)
        played.now += timedelta(minutes=data.draw(st.sampled_from([0, 1, 20, 600, 1_600])))
        for document in played.desk.documents.values():
            if document.state is not None:
                at_home(document.state)
                well_said(document)
        in_one_place(played)
    before = as_it_is(played)
    for body in data.draw(st.permutations(played.taken)):
        played.desk.hear(body, now=played.now + timedelta(days=1))
    assert as_it_is(played) == before
