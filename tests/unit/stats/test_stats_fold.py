"""Whatever the order and number of deliveries, a run ends the same; that is the fold's one promise."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Message, Moment
from contracts.envelope import Actor, Command, Event, derive_id
from contracts.stats import (
    CancelRun,
    CommentRun,
    ExpireRun,
    FailRun,
    FinishRun,
    ReportProgress,
    RequestRun,
    RunCommand,
    TakeOutput,
)
from services.stats.runs.fold import MOST_COMMENTS, MOST_TAKEN, fold
from services.stats.runs.model import Agreed, Run

RUN = derive_id("run", "test")
NOW = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
ZHAO, QIAN = Actor(kind="staff", id="zhao"), Actor(kind="staff", id="qian")
AGREED = {"settlement_summary": Agreed("hash", ("draft",)), "setl_d": Agreed("schema")}


class Delivered:
    """A delivery that nobody acknowledges."""

    subject, data, deliveries, sequence = "", b"", 1, 1
    headers: Mapping[str, str] = {}

    async def ack(self) -> None: ...
    async def nak(self, delay_s: float) -> None: ...


def command(model: type[RunCommand], what: str, **facts: object) -> RunCommand:
    return model.model_validate({"id": derive_id(RUN, what), "occurred_at": NOW, "actor": ZHAO, "run_id": RUN} | facts)


REQUEST = command(RequestRun, "request", report="settlement_summary", upload_id="f" * 64)
FINISH = command(FinishRun, "finish", rows_in=3, rows_accepted=2, rows_rejected=1, rows_out=1, output_sha256="a" * 64)
FAIL = command(FailRun, "fail", reason="内存不足")
PROGRESS = [command(ReportProgress, f"progress-{n}", stage="读取", done=n / 4) for n in range(4)]


def test_what_a_schedule_asks_for_and_cannot_be_counted_is_a_run_that_failed() -> None:
    unknown = {"report": "retired_report", "upload_id": "current"}
    with pytest.raises(Refused):
        heard([command(RequestRun, "request", **unknown)])
    replay = heard([command(RequestRun, "request", **unknown, schedule=RUN)])
    assert replay.types == ["stats.requested", "stats.failed"]
    assert replay.run is not None
    assert "GET /reports" in (replay.run.reason or "")


def test_comments_and_downloads_of_a_run_have_an_end() -> None:
    replay = heard([REQUEST, FINISH])
    for n in range(MOST_COMMENTS):
        replay.hear(command(CommentRun, f"comment {n}", text="核对"))
    with pytest.raises(Refused, match="批注"):
        replay.hear(command(CommentRun, "one more", text="核对"))
    assert replay.run is not None
    replay.run = replace(replay.run, taken=MOST_TAKEN)
    with pytest.raises(Refused, match="下载"):
        replay.hear(command(TakeOutput, "take", form="xlsx"))


@given(st.permutations(["comment", "take", "cancel", "expire", "fail", "finish"]), st.integers(0, 5))
def test_the_same_wishes_heard_again_change_nothing(order: list[str], again: int) -> None:
    bodies = {
        "comment": command(CommentRun, "c", text="核对"), "take": command(TakeOutput, "t", form="xlsx"),
        "cancel": command(CancelRun, "x", actor=QIAN), "expire": command(ExpireRun, "e"), "fail": FAIL,
        "finish": FINISH,
    }  # fmt: skip
    replay = heard([REQUEST])
    for name in [*order, order[again]]:
        before = (replay.run, len(replay.events))
        try:
            replay.hear(bodies[name])
        except Refused:
            assert (replay.run, len(replay.events)) == before
    ended = [t for t in replay.types if t in ("stats.finished", "stats.cancelled")]
    assert len(ended) <= 1
    assert replay.types.count("stats.taken") <= 1


class Replay:
    """The loop's bookkeeping around the fold: a known cause is not folded again."""

    def __init__(self) -> None:
        self.run: Run | None = None
        self.events: list[Event | Command] = []
        self._version = 0
        self._causes: set[UUID] = set()

    def hear(self, body: RunCommand) -> None:
        if body.id in self._causes:
            return
        message = Message(Delivered(), body, body.id, body.id, body.occurred_at, body.actor)
        message.hint = AGREED.get(getattr(body, "report", ""))
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
    versions = [e.version for e in replay.events if isinstance(e, Event)]
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


def outcome(verdict: str, **facts: object) -> dict[str, object]:
    return {"verdict": verdict, **facts}


def finished(verdict: str, **facts: object) -> RunCommand:
    rows = dict.fromkeys(("rows_in", "rows_accepted", "rows_rejected", "rows_out"), 0)
    return command(FinishRun, "finish", **rows, output_sha256="a" * 64, outcome=outcome(verdict, **facts))


def test_a_cancelled_run_has_no_result_whatever_comes_afterwards() -> None:
    replay = heard([REQUEST, *PROGRESS, command(CancelRun, "cancel", reason="期间选错"), FINISH, FAIL])
    assert replay.run is not None and replay.run.status == "cancelled" and replay.run.result is None
    assert replay.types[-1] == "stats.cancelled"


def test_what_has_ended_cannot_be_cancelled() -> None:
    with pytest.raises(Refused, match="已经结束"):
        heard([REQUEST, FINISH, command(CancelRun, "cancel")])


def test_a_result_that_failed_its_checks_is_handed_over_only_when_another_person_accepts_it() -> None:
    failed = heard([REQUEST, finished("failed")])
    with pytest.raises(Refused, match="未通过检查"):
        failed.hear(command(TakeOutput, "take", form="xlsx"))
    with pytest.raises(Refused, match="另一位"):
        failed.hear(command(CommentRun, "mine", text="没有问题", decision="accept"))
    failed.hear(command(TakeOutput, "rejects", form="rejects"))
    failed.hear(command(CommentRun, "accept", text="与财务核对一致", decision="accept", actor=QIAN))
    failed.hear(command(TakeOutput, "again", form="xlsx"))
    assert failed.types[-3:] == ["stats.taken", "stats.commented", "stats.taken"]


def test_what_was_read_in_becomes_a_data_set_of_whoever_asked() -> None:
    request = command(RequestRun, "ingest", kind="ingest", report="setl_d", upload_id="f" * 64)
    made = {"table": "setl_d", "sha256": "b" * 64, "rows": 5}
    replay = heard([request, finished("passed", made=made)])
    assert replay.types == ["stats.requested", "stats.finished", "dataset.command.register"]
    assert replay.events[-1].actor == ZHAO


@pytest.mark.parametrize(("verdict", "followed"), [("passed", True), ("warned", True), ("failed", False)])
def test_the_next_report_is_counted_only_after_a_good_result(verdict: str, followed: bool) -> None:
    request = command(
        RequestRun, "first", report="settlement_summary", upload_id="current", then=[{"report": "settlement_summary"}]
    )
    replay = heard([request, finished(verdict)])
    assert ("stats.command.request" in replay.types) is followed


def test_a_version_that_is_not_in_force_is_counted_only_as_a_trial() -> None:
    asked = {"report": "settlement_summary", "upload_id": "current", "definition_hash": "draft"}
    with pytest.raises(Refused, match="没有生效"):
        heard([command(RequestRun, "plain", **asked)])
    assert heard([command(RequestRun, "trial", **asked, wanted={"trial": True})]).types == ["stats.requested"]


def test_files_that_were_cleared_away_are_not_taken() -> None:
    replay = heard([REQUEST, FINISH, command(ExpireRun, "expire"), command(ExpireRun, "again")])
    assert replay.types.count("stats.expired") == 1
    with pytest.raises(Refused, match="保存期限"):
        replay.hear(command(TakeOutput, "take", form="xlsx"))
