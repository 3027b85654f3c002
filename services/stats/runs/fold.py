"""The pure core of runs: what a run has heard so far, in whatever order, and what is said about it.

A run only ever learns: progress is the furthest heard, a result outweighs a failure, and both wait for their
request when they come first. So every order of the same messages of its process ends in the same run.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from chassis.errors import Refused
from chassis.message import Moment
from contracts.envelope import Command, Event
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
from services.stats.runs.model import Agreed, Comment, DatasetRef, Result, Run, Status, Wanted
from services.stats.runs.saying import said

Folded = tuple[Run, Sequence[Event | Command]]
_FIELDS = set(Result.__struct_fields__)
MOST_COMMENTS, MOST_TAKEN = 200, 5_000
"""All of them stay in the run's history, which is one document."""


def fold(run: Run | None, moment: Moment) -> Folded:
    """Raises Refused for a wish that cannot be met, with what to do instead."""
    before = run or Run()
    after = _settled(_heard(before, moment), moment)
    return after, said(before, after, moment)


def _heard(run: Run, moment: Moment) -> Run:
    match moment.message.body:
        case RequestRun() as command:
            return _request(run, moment, command)
        case ReportProgress() as command:
            done, stage = max((run.done, run.stage), (command.done, command.stage))
            counted = run.datasets or tuple(msgspec.convert(d.model_dump(), DatasetRef) for d in command.datasets)
            return replace(run, done=done, stage=stage, datasets=counted)
        case FinishRun() as command if run.result is None and not run.cancelled_by:
            return replace(run, result=msgspec.convert(command.model_dump(include=_FIELDS), Result))
        case FailRun() as command if run.reason is None:
            return replace(run, reason=command.reason)
        case FinishRun() | FailRun():
            return run
        case RunCommand() as command:
            return _wished(run, moment, command)
        case _ as body:
            raise TypeError(f"stats does not fold {type(body).__name__}")


def _wished(run: Run, moment: Moment, command: RunCommand) -> Run:
    """What staff wish of a run that they see."""
    if run.requested_at is None:
        raise Refused("not_found", "没有这个统计任务: 请核对编号")
    match command:
        case CancelRun():
            if run.ended:
                raise Refused("ended", "任务已经结束, 不能取消")
            return replace(run, cancelled_by=command.actor.id, reason=command.reason or None)
        case CommentRun():
            return _comment(run, moment, command)
        case TakeOutput():
            _check_takeable(run, command)
            return replace(run, taken=run.taken + 1)
        case ExpireRun():
            return replace(run, expired_at=run.expired_at or moment.now)
    raise Refused("unknown_command", f"不认识的命令 {command.type}")


def _comment(run: Run, moment: Moment, command: CommentRun) -> Run:
    if command.decision and run.verdict is None:
        raise Refused("no_result", "任务没有结果, 不能返工或放行: 请等待任务结束")
    if command.decision == "accept" and command.actor.id == run.requested_by:
        raise Refused("own_run", "不能放行自己提交的任务: 请由另一位高级分析师核对后放行")
    if len(run.comments) >= MOST_COMMENTS:
        raise Refused("too_many", f"一个任务最多 {MOST_COMMENTS} 条批注: 请在后续任务中继续说明")
    said = Comment(moment.now, command.actor.id, command.text, command.decision)
    return replace(run, comments=(*run.comments, said))


def _check_takeable(run: Run, command: TakeOutput) -> None:
    if not run.ended:
        raise Refused("not_finished", "统计任务还没有完成: 请稍后再试")
    if run.expired_at is not None:
        raise Refused("expired", "结果文件已超过保存期限并清理: 请重新提交任务, 同样的数据和口径会得到同样的结果")
    if run.verdict == "failed" and not run.accepted and command.form != "rejects":
        raise Refused("checks_failed", "结果未通过检查: 请查看检查项后返工, 或由高级分析师说明理由后放行")
    if run.taken >= MOST_TAKEN:
        raise Refused("too_many", f"这个结果已下载 {MOST_TAKEN} 次: 请重新提交任务后下载")


def _request(run: Run, moment: Moment, command: RequestRun) -> Run:
    if run.requested_at is not None:
        raise Refused("exists", "任务编号已被使用: 请换一个 Idempotency-Key 再提交")
    reason, hash_ = run.reason, ""
    try:
        hash_ = _agreed_hash(moment, command)
    except Refused as refused:
        if command.schedule is None and command.after is None:
            raise
        reason = str(refused)  # nobody waits for an answer: a run that fails is seen, a refusal is not
    return replace(
        run, kind=command.kind, report=command.report, upload_id=command.upload_id, definition_hash=hash_,
        wanted=msgspec.convert(command.wanted.model_dump(), Wanted), requested_by=command.actor.id,
        requested_at=moment.now, reworks=command.reworks, after=command.after, schedule=command.schedule,
        then=tuple(f.model_dump(mode="json") for f in command.then), reason=reason,
    )  # fmt: skip


def _agreed_hash(moment: Moment, command: RequestRun) -> str:
    agreed = moment.message.hint if isinstance(moment.message.hint, Agreed) else Agreed()
    asked = command.definition_hash or agreed.in_force
    if not asked:
        raise Refused("unknown_report", f"没有可用的报表口径 {command.report}: 请从 GET /reports 的目录中选择")
    if asked != agreed.in_force and not (command.wanted.trial and asked in agreed.trial):
        raise Refused("not_in_force", "这个版本的口径没有生效: 请先审批生效, 或以试算方式提交")
    return asked


def _settled(run: Run, moment: Moment) -> Run:
    status = _status(run)
    ended_at = moment.now if status != run.status and status in ("finished", "failed", "cancelled") else run.ended_at
    return replace(run, status=status, ended_at=ended_at)


def _status(run: Run) -> Status:
    if run.requested_at is None:
        return "expected"
    if run.cancelled_by:
        return "cancelled"
    if run.result is not None:
        return "finished"
    if run.reason is not None:
        return "failed"
    return "running" if run.stage else "requested"
