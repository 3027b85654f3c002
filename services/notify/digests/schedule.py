"""Posts reports when they are due, to those who want them: once each, also after a restart or some hours without power.

The id of a report follows from what it is, for whom and of when. So a second process, or the same one after a
restart, posts what the fold knows already.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from nats.js import JetStreamContext
from pymongo.asynchronous.collection import AsyncCollection

from chassis.logging import logger
from chassis.outgoing import from_command
from chassis.ports import Outbox
from chassis.store import Raw
from contracts.duty import Shift
from contracts.envelope import SYSTEM, derive_id
from contracts.notify import PostNotice
from services.notify.digests.figures import Figures
from services.notify.digests.period import KIND_NAMES, RULES, Period, Times, due
from services.notify.digests.reading import figures
from services.notify.digests.report import report

log = logger(__name__)


def wanting(since: Mapping[str, datetime], of: Period) -> list[str]:
    """Those who had subscribed when the period ended: a new subscriber's first report is the next one."""
    return sorted(key for key, at in since.items() if at < of.until)


def report_id(of: Period, audience: str) -> UUID:
    """The alert that a report is."""
    return derive_id("report", of.key, audience)


class Reporter:
    """`alerts` is their collection; `named` who has subscribed to a rule and since when; `shifts` those of a member of
    staff from a moment on; `names` what codes of institutions are called.
    """

    def __init__(
        self, js: JetStreamContext, outbox: Outbox, alerts: AsyncCollection[Raw],
        named: Callable[[str], Mapping[str, datetime]],
        shifts: Callable[[str, datetime], Sequence[Shift]] = lambda staff, at: (),
        names: Callable[[str], str] = str, times: Times = Times(),
    ) -> None:  # fmt: skip
        self._js, self._outbox, self._alerts = js, outbox, alerts
        self._named, self._shifts, self._names, self._times = named, shifts, names, times
        self._posted: set[UUID] = set()

    async def look(self, now: datetime) -> int:
        """Post what is due and not posted yet; returns how many. To be called every minute."""
        return sum([await self._post(of, now) for of in due(now, self._times)])

    async def _post(self, of: Period, now: datetime) -> int:
        wanted = {report_id(of, key): key for key in wanting(self._named(RULES[of.kind]), of)}
        missing = await self._missing(wanted)
        if not missing:
            return 0
        counted = await figures(self._js, of)
        commands = [self.notice(counted, id_, audience, now) for id_, audience in missing.items()]
        await self._outbox.publish([from_command(command) for command in commands])
        self._posted |= set(missing)
        log.info("reports posted", report=of.key, recipients=len(missing), kind=KIND_NAMES[of.kind])
        return len(missing)

    async def _missing(self, wanted: Mapping[UUID, str]) -> dict[UUID, str]:
        unsure = [id_ for id_ in wanted if id_ not in self._posted]
        if not unsure:
            return {}
        found = self._alerts.find({"_id": {"$in": unsure}}, {"_id": 1})
        self._posted |= {row["_id"] async for row in found}
        return {id_: wanted[id_] for id_ in unsure if id_ not in self._posted}

    def notice(self, counted: Figures, id_: UUID, audience: str, now: datetime) -> PostNotice:
        """The command that posts it; of the same figures the same one, but for the time."""
        kind, _, staff = audience.partition(":")
        shifts = self._shifts(staff, counted.of.until) if kind == "staff" else ()
        words = report(counted, audience, shifts, self._names)
        return PostNotice(
            id=derive_id(id_, "post"), occurred_at=now, actor=SYSTEM, alert_id=id_, rule=RULES[counted.of.kind],
            to=(audience,), title=words.title, body=words.body,
        )  # fmt: skip
