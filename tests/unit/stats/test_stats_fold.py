"""Whatever the order and number of deliveries, a run ends the same; that is the fold's one promise."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refused
from chassis.message import Message, Moment
from contracts.envelope import SYSTEM, Event, derive_id
from contracts.stats import FailRun, FinishRun, ReportProgress, RequestRun, RunCommand
from services.stats.fold import folding
from services.stats.model import Run

RUN = derive_id("run", "test")
NOW = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
fold = folding({"settlement_summary": "hash"})


class Delivered:
    """A delivery that nobody acknowledges."""

    subject, data, deliveries, sequence = "", b"", 1, 1
    headers: Mapping[str, str] = {}

    async def ack(self) -> None: ...
    async def nak(self, delay_s: float) -> None: ...


def command(model: type[RunCommand], what: str, **facts: object) -> RunCommand:
    return model.model_validate(
        {"id": derive_id(RUN, what), "occurred_at": NOW, "actor": SYSTEM, "run_id": RUN, **facts}
    )


REQUEST = command(RequestRun, "request", report="settlement_summary", upload_id="f" * 64)
FINISH = command(FinishRun, "finish", rows_in=3, rows_accepted=2, rows_rejected=1, rows_out=1, output_sha256="a" * 64)
FAIL = command(FailRun, "fail", reason="内存不足")
PROGRESS = [command(ReportProgress, f"progress-{n}", stage="读取", done=n / 4) for n in range(4)]


class Replay:
    """The loop's bookkeeping around the fold: a known cause is not folded again."""

    def __init__(self) -> None:
        self.run: Run | None = None
        self.events: list[Event] = []
        self._version = 0
        self._causes: set[UUID] = set()

    def hear(self, body: RunCommand) -> None:
        if body.id in self._causes:
            return
        message = Message(Delivered(), body, body.id, body.id, body.occurred_at, body.actor)
        moment = Moment(NOW, message, RUN, self._version)
        self.run, events = fold(self.run, moment)
        self._version += len(events) or 1
        self._causes.add(body.id)
        self.events.extend(events)

    @property
    def types(self) -> list[str]:
        return [e.type for e in self.events]


def heard(commands: Sequence[RunCommand]) -> Replay:
    replay = Replay()
    for body in commands:
        replay.hear(body)
    return replay


stories = st.sampled_from(
    [[REQUEST, *PROGRESS, FINISH], [REQUEST, *PROGRESS, FAIL], [REQUEST, *PROGRESS, FAIL, FINISH]]
)


@given(stories.flatmap(lambda s: st.tuples(st.just(s), st.permutations([*s, *s]))))
def test_every_order_and_repetition_ends_in_the_same_run(case: tuple[list[RunCommand], list[RunCommand]]) -> None:
    story, shuffled = case
    assert heard(shuffled).run == heard(story).run


@given(stories.flatmap(lambda s: st.permutations([*s, *s])))
def test_a_run_is_requested_once_and_first_and_ends_with_its_outcome(shuffled: list[RunCommand]) -> None:
    replay = heard(shuffled)
    assert replay.types[0] == "stats.requested"
    assert replay.types.count("stats.requested") == 1
    assert replay.types[-1] == ("stats.finished" if FINISH in shuffled else "stats.failed")
    assert replay.types.count("stats.finished") <= 1
    versions = [e.version for e in replay.events]
    assert versions == sorted(set(versions))


@given(st.permutations(PROGRESS))
def test_progress_never_goes_back(shuffled: list[RunCommand]) -> None:
    said = [getattr(e, "done") for e in heard([REQUEST, *shuffled]).events[1:]]  # noqa: B009
    assert said == sorted(said)
    assert said[-1] == 0.75


def test_progress_after_the_end_says_nothing() -> None:
    assert heard([REQUEST, FINISH, *PROGRESS]).types == ["stats.requested", "stats.finished"]


def test_an_outcome_that_comes_before_its_request_waits_for_it() -> None:
    early = heard([FINISH])
    assert early.run is not None and early.run.status == "expected" and not early.events
    early.hear(REQUEST)
    assert early.types == ["stats.requested", "stats.finished"]


def test_the_run_names_the_definition_that_counts() -> None:
    assert getattr(heard([REQUEST]).events[0], "definition_hash") == "hash"  # noqa: B009


def test_an_unknown_report_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused, match="GET /reports"):
        heard([command(RequestRun, "request", report="nothing", upload_id="f" * 64)])


def test_one_run_is_not_requested_twice_by_different_wishes() -> None:
    with pytest.raises(Refused, match="Idempotency-Key"):
        heard([REQUEST, command(RequestRun, "another", report="settlement_summary", upload_id="e" * 64)])
