"""The pure core of stats: what a run has heard so far, in whatever order, and what is said about it.

A run only ever learns: progress is the furthest heard, a result outweighs a failure, and both wait for their
request when they come first. So every order of the same messages ends in the same run.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from contracts.envelope import Event
from contracts.stats import (
    FailRun,
    FinishRun,
    ReportProgress,
    RequestRun,
    RunCommand,
    RunFailed,
    RunFinished,
    RunProgressed,
    RunRequested,
)
from services.stats.model import Result, Run, Status

Folded = tuple[Run, Sequence[Event]]
_FIELDS = set(Result.__struct_fields__)


def folding(definitions: Mapping[str, str]) -> Callable[[Run | None, Moment], Folded]:
    """The fold, given the hash of every report's definition. Raises Refused for a request that cannot be met."""

    def fold(run: Run | None, moment: Moment) -> Folded:
        before = run or Run()
        after = _settled(_heard(before, moment, definitions), moment)
        return after, _said(before, after, moment)

    return fold


def _heard(run: Run, moment: Moment, definitions: Mapping[str, str]) -> Run:
    match moment.message.body:
        case RequestRun() as command:
            return _request(run, moment, command, definitions)
        case ReportProgress() as command:
            done, stage = max((run.done, run.stage), (command.done, command.stage))
            return replace(run, done=done, stage=stage)
        case FinishRun() as command if run.result is None:
            return replace(run, result=msgspec.convert(command.model_dump(include=_FIELDS), Result))
        case FailRun() as command if run.reason is None:
            return replace(run, reason=command.reason)
        case FinishRun() | FailRun():
            return run
        case RunCommand() as command:
            raise Refused("unknown_command", f"不认识的命令 {command.type}")
        case _ as body:
            raise TypeError(f"stats does not fold {type(body).__name__}")


def _request(run: Run, moment: Moment, command: RequestRun, definitions: Mapping[str, str]) -> Run:
    if run.requested_at is not None:
        raise Refused("exists", "任务编号已被使用: 请换一个 Idempotency-Key 再提交")
    if (definition_hash := definitions.get(command.report)) is None:
        raise Refused("unknown_report", f"没有报表 {command.report}: 请从 GET /reports 的目录中选择")
    return replace(
        run,
        report=command.report,
        upload_id=command.upload_id,
        definition_hash=definition_hash,
        requested_by=command.actor.id,
        requested_at=moment.now,
    )


def _settled(run: Run, moment: Moment) -> Run:
    status = _status(run)
    ended_at = moment.now if status != run.status and status in ("finished", "failed") else run.ended_at
    return replace(run, status=status, ended_at=ended_at)


def _status(run: Run) -> Status:
    if run.requested_at is None:
        return "expected"
    if run.result is not None:
        return "finished"
    if run.reason is not None:
        return "failed"
    return "running" if run.stage else "requested"


def _furthest(run: Run) -> tuple[float, str]:
    return run.done, run.stage


def _said(before: Run, after: Run, moment: Moment) -> list[Event]:
    """What is new about a run that was requested."""
    if after.requested_at is None:
        return []
    facts = {
        "run_id": moment.aggregate_id,
        "report": after.report,
        "requested_by": after.requested_by,
        "occurred_at": moment.now,
    }
    said: list[Event] = []
    if before.requested_at is None:
        upload, hash_ = after.upload_id, after.definition_hash
        said.append(moment.event(RunRequested, upload_id=upload, definition_hash=hash_, **facts))
    if after.status == "running" and (before.requested_at is None or _furthest(after) > _furthest(before)):
        said.append(moment.event(RunProgressed, stage=after.stage, done=after.done, **facts))
    if after.status == "finished" != before.status and after.result is not None:
        said.append(moment.event(RunFinished, **msgspec.to_builtins(after.result), **facts))
    if after.status == "failed" != before.status:
        said.append(moment.event(RunFailed, reason=after.reason, **facts))
    return said
