"""Duty, put together: its loop, the roster in memory, the count of open cases."""

from pathlib import Path

from chassis.aggregate import Folded
from chassis.follow import Follower
from chassis.http import now
from chassis.service import Service
from services.intake.directory.cache import Directory
from services.intake.duty.api import DutyController
from services.intake.duty.fold import fold
from services.intake.duty.handover import HandoverController
from services.intake.duty.roster import Roster
from services.intake.duty.rules import SHIPPED, load_rules
from services.intake.duty.store import DutyLog

ROUTES = (DutyController, HandoverController)
RECOUNT_S = 5.0


async def start(service: Service, directory: Directory, rules: Path | None = None) -> Roster:
    """Returns when this process knows all shifts. Raises BadRules."""
    log, roster = DutyLog(service.db), Roster(directory.staff, load_rules(rules or SHIPPED))
    service.state.update(duty_log=log, duty=roster)
    service.listen(Folded(fold), log, part="duty")
    follower = Follower(service.js, "DUTY", roster.hear, roster.forget)
    service.background("duty roster", follower.run())
    service.health.add("duty picture", follower.check)

    async def recount() -> None:
        if there := roster.present(now()).available:
            roster.recount(await log.loads(there))

    await follower.caught_up()
    service.every(RECOUNT_S, "duty load", recount)
    return roster
