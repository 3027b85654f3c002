"""The pure core of schedules: saved, changed, removed."""

from collections.abc import Sequence

from chassis.errors import NotFound, Refused, Stale
from chassis.message import Moment
from contracts.envelope import Event
from contracts.schedule import RemoveSchedule, SaveSchedule, ScheduleRemoved, ScheduleSaved
from services.stats.schedules.model import Schedule
from services.stats.schedules.timing import check

Folded = tuple[Schedule, Sequence[Event]]


def fold(schedule: Schedule | None, moment: Moment) -> Folded:
    """Raises Refused for a cron that never comes, NotFound, Stale."""
    match moment.message.body:
        case SaveSchedule() as command:
            _check_version(schedule, moment, command.expected_version)
            check(command.scheduled)
            saved = Schedule(command.scheduled.model_dump(mode="json"), moment.now, command.actor.id)
            if schedule is not None and schedule.scheduled == saved.scheduled:
                return schedule, []
            facts = {"schedule_id": moment.aggregate_id, "occurred_at": moment.now}
            return saved, [moment.event(ScheduleSaved, scheduled=command.scheduled, **facts)]
        case RemoveSchedule() as command:
            if schedule is None or schedule.scheduled is None:
                raise NotFound("not_found", "没有这个定时任务: 请刷新后再试")
            _check_version(schedule, moment, command.expected_version)
            removed = moment.event(ScheduleRemoved, schedule_id=moment.aggregate_id, occurred_at=moment.now)
            return Schedule(None, moment.now, command.actor.id), [removed]
    raise Refused("unknown_command", f"不认识的命令 {moment.message.body}")


def _check_version(schedule: Schedule | None, moment: Moment, expected: int | None) -> None:
    there = moment.version if schedule is not None and schedule.scheduled is not None else 0
    if expected is not None and expected != there:
        raise Stale("定时任务", there)
