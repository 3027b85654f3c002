"""What is said about a run: the events that are new, and the wishes that follow from them. Pure."""

from typing import Any

import msgspec

from chassis.message import Moment
from contracts.dataset import RegisterDataset
from contracts.envelope import Actor, Command, Event, derive_id
from contracts.stats import (
    CURRENT,
    FollowUp,
    RequestRun,
    RunCancelled,
    RunCommented,
    RunExpired,
    RunFailed,
    RunFinished,
    RunProgressed,
    RunRequested,
    RunTaken,
    TakeOutput,
)
from services.stats.runs.model import Run


def said(before: Run, after: Run, moment: Moment) -> list[Event | Command]:
    """What is new about a run that was requested."""
    if after.requested_at is None:
        return []
    facts = {
        "run_id": moment.aggregate_id, "report": after.report, "requested_by": after.requested_by,
        "occurred_at": moment.now,
    }  # fmt: skip
    return [
        *_begun(before, after, moment, facts),
        *_ended(before, after, moment, facts),
        *_after(before, after, moment, facts),
    ]


def _begun(before: Run, after: Run, moment: Moment, facts: dict[str, Any]) -> list[Event]:
    told: list[Event] = []
    if before.requested_at is None:
        asked = {k: getattr(after, k) for k in ("upload_id", "definition_hash", "kind", "reworks", "after", "schedule")}
        told.append(moment.event(RunRequested, wanted=msgspec.to_builtins(after.wanted), **asked, **facts))
    if after.status == "running" and (before.requested_at is None or _furthest(after) > _furthest(before)):
        told.append(moment.event(RunProgressed, stage=after.stage, done=after.done, **facts))
    return told


def _ended(before: Run, after: Run, moment: Moment, facts: dict[str, Any]) -> list[Event | Command]:
    if after.status == before.status:
        return []
    if after.status == "cancelled":
        return [moment.event(RunCancelled, reason=after.reason or "", **facts)]
    if after.status == "failed":
        return [moment.event(RunFailed, reason=after.reason, **facts)]
    if after.status == "finished" and after.result is not None:
        finished = moment.event(RunFinished, kind=after.kind, **msgspec.to_builtins(after.result), **facts)
        return [finished, *_made(after, moment)]
    return []


def _made(run: Run, moment: Moment) -> list[Command]:
    """What was read in becomes a data set."""
    outcome = run.result.outcome if run.result else None
    if run.result is None or outcome is None or outcome.made is None:
        return []
    made = outcome.made
    return [
        moment.command(
            RegisterDataset, actor=asker(run), table=made.table, sha256=made.sha256, run_id=moment.aggregate_id,
            rows=made.rows, rejected=run.result.rows_rejected, name=run.wanted.name, upload_id=run.upload_id,
            schema_hash=run.definition_hash, since=outcome.since, until=outcome.until,
        )
    ]  # fmt: skip


def _after(before: Run, after: Run, moment: Moment, facts: dict[str, Any]) -> list[Event | Command]:
    told: list[Event | Command] = []
    if len(after.comments) > len(before.comments):
        comment = after.comments[-1]
        told.append(moment.event(RunCommented, text=comment.text, decision=comment.decision, **facts))
    if after.taken > before.taken and isinstance(moment.message.body, TakeOutput):
        told.append(moment.event(RunTaken, form=moment.message.body.form, **facts))
    if after.expired_at is not None and before.expired_at is None:
        told.append(moment.event(RunExpired, **facts))
    if after.may_be_handed_over and not before.may_be_handed_over:
        told.extend(_follow(FollowUp.model_validate(f), n, after, moment) for n, f in enumerate(after.then))
    return told


def _follow(follow: FollowUp, n: int, run: Run, moment: Moment) -> Command:
    return moment.command(
        RequestRun, actor=asker(run), run_id=derive_id("run", moment.aggregate_id, n), report=follow.report,
        upload_id=CURRENT, wanted=follow.wanted, then=follow.then, after=moment.aggregate_id,
    )  # fmt: skip


def asker(run: Run) -> Actor:
    """Who waits for the result: what follows from the run is said in his name."""
    return (
        Actor(kind="staff", id=run.requested_by) if run.requested_by != "system" else Actor(kind="system", id="system")
    )


def _furthest(run: Run) -> tuple[float, str]:
    return run.done, run.stage
