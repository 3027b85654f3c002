"""Every stream and durable consumer of the system, as data: who publishes, who consumes, limits, dedupe window."""

from typing import Literal

from contracts.envelope import Contract

DAY = 86_400.0
LARGEST = 3 * 1024 * 1024  # under the server's 4 MB, so that a dead letter has room for its headers
Service = Literal["intake", "sla", "stats", "notify", "knowledge", "console"]


class Stream(Contract):
    """`max_age_s` 0 keeps messages for ever; `publishers` may write to it and nobody else.

    Where `crossing` is given, a publisher writes only what it hears itself of the stream, and what stands there.
    A `work_queue` keeps a message only until it is acknowledged; its publisher makes and hears its consumers.
    """

    name: str
    subjects: tuple[str, ...]
    publishers: tuple[str, ...]
    max_age_s: float
    duplicate_window_s: float = 120.0
    schedules: bool = False
    work_queue: bool = False
    max_message_bytes: int = -1
    crossing: dict[str, tuple[str, ...]] | None = None
    purpose: str


class Durable(Contract):
    """A durable consumer: what `service` hears of `stream`. Its name is `<service>-<stream>[-<part>]` in lower case.

    `part` names the aggregate where a service has several.
    """

    service: Service
    stream: str
    part: str = ""
    filters: tuple[str, ...]
    ack_wait_s: float = 20.0
    max_ack_pending: int = 2_048

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.service, self.stream.lower(), self.part)))


STREAMS = (
    Stream(
        name="CHANNEL",
        subjects=("channel.in.*", "channel.out.*", "channel.receipt.*"),
        publishers=("adapters", "intake", "stats"),
        max_age_s=30 * DAY,
        max_message_bytes=LARGEST,
        crossing={"stats": ("channel.in.web",)},
        purpose="messages from and to people, as the channels' adapters publish and send them",
    ),
    Stream(
        name="COMMAND",
        subjects=(
            "intake.command.*",
            "outage.command.*",
            "directory.command.*",
            "duty.command.*",
            "stats.command.*",
            "reconciliation.command.*",
            "notify.command.*",
            "sla.command.*",
            "obligation.command.*",
            "exemption.command.*",
            "setting.command.*",
            "knowledge.command.*",
            "suggestion.command.*",
            "vocabulary.command.*",
            "definition.command.*",
            "dataset.command.*",
            "schedule.command.*",
            "identity.command.*",
        ),
        publishers=("intake", "stats", "notify", "sla", "knowledge", "console"),
        max_age_s=7 * DAY,
        max_message_bytes=LARGEST,
        crossing={
            "intake": ("stats.command.request",),
            "stats": ("obligation.command.report_progress",),
            "notify": ("obligation.command.acknowledge", "sla.command.acknowledge"),
            "knowledge": ("obligation.command.report_progress",),
        },
        purpose="wishes of staff; the outcome goes to the reply inbox named in a header",
    ),
    Stream(
        name="CASE",
        subjects=("case.*",),
        publishers=("intake",),
        max_age_s=400 * DAY,
        purpose="everything that happened to cases: the audit log",
    ),
    Stream(
        name="OUTAGE",
        subjects=(
            "outage.suggested",
            "outage.grew",
            "outage.confirmed",
            "outage.dismissed",
            "outage.broadcast",
            "outage.resolved",
        ),
        publishers=("intake",),
        max_age_s=400 * DAY,
        purpose="problems that several institutions report at once",
    ),
    Stream(
        name="DIRECTORY",
        subjects=("directory.saved", "directory.removed", "directory.revealed"),
        publishers=("intake",),
        max_age_s=0,
        purpose="institutions, contacts, contracts and staff; whoever needs them keeps a copy built from here",
    ),
    Stream(
        name="DUTY",
        subjects=("duty.saved", "duty.removed", "duty.handed_over"),
        publishers=("intake",),
        max_age_s=0,
        purpose="shifts, leave and handovers of the desk's engineers",
    ),
    Stream(
        name="SLA",
        subjects=("sla.*",),
        publishers=("sla",),
        max_age_s=400 * DAY,
        purpose="everything that happened to clocks",
    ),
    Stream(
        name="EXEMPTION",
        subjects=("exemption.requested", "exemption.approved", "exemption.rejected", "exemption.revoked"),
        publishers=("sla",),
        max_age_s=0,
        purpose="time for which the desk does not answer; attainment is computed from it",
    ),
    Stream(
        name="OBLIGATION",
        subjects=(
            "obligation.opened",
            "obligation.rescheduled",
            "obligation.noticed",
            "obligation.reminded",
            "obligation.overdue",
            "obligation.escalated",
            "obligation.progressed",
            "obligation.evidence_added",
            "obligation.fulfilled",
            "obligation.waived",
            "obligation.reopened",
            "obligation.completed",
            "obligation.acknowledged",
        ),
        publishers=("sla",),
        max_age_s=0,
        purpose="recurring duties of the month and of the contract, and what was done about them",
    ),
    Stream(
        name="TIMER",
        subjects=("timer.*.>", "due.*"),
        publishers=("sla", "notify"),
        max_age_s=0,
        schedules=True,
        crossing={},
        purpose="message schedules (timer.*) and what they become when they fire (due.*)",
    ),
    Stream(
        name="STATS",
        subjects=(
            "stats.requested",
            "stats.progressed",
            "stats.finished",
            "stats.failed",
            "stats.cancelled",
            "stats.commented",
            "stats.taken",
            "stats.expired",
        ),
        publishers=("stats",),
        max_age_s=400 * DAY,
        purpose="runs of reports, of reading data in, of comparing ledgers; and who took which result",
    ),
    Stream(
        name="DEFINITION",
        subjects=(
            "definition.drafted",
            "definition.confirmed",
            "definition.approved",
            "definition.returned",
            "definition.enforced",
            "definition.retired",
        ),
        publishers=("stats",),
        max_age_s=0,
        purpose="what each report counts, agreed and approved, version by version",
    ),
    Stream(
        name="DATASET",
        subjects=("dataset.registered", "dataset.withdrawn"),
        publishers=("stats",),
        max_age_s=0,
        purpose="what was read into the national tables",
    ),
    Stream(
        name="SCHEDULE",
        subjects=("schedule.saved", "schedule.removed"),
        publishers=("stats",),
        max_age_s=0,
        purpose="which report is counted when",
    ),
    Stream(
        name="RECONCILIATION",
        subjects=(
            "reconciliation.compared",
            "reconciliation.raised",
            "reconciliation.answered",
            "reconciliation.proved",
            "reconciliation.settled",
        ),
        publishers=("stats",),
        max_age_s=0,
        purpose="differences between hospitals' ledgers and the centre's, and what became of them",
    ),
    Stream(
        name="NOTIFY",
        subjects=(
            "notify.queued",
            "notify.grew",
            "notify.escalated",
            "notify.delivered",
            "notify.undelivered",
            "notify.received",
            "notify.read",
            "notify.acknowledged",
            "notify.settled",
        ),
        publishers=("notify",),
        max_age_s=400 * DAY,
        purpose="alerts and what became of them: the proof of delivery",
    ),
    Stream(
        name="DELIVERY",
        subjects=("delivery.urgent.*", "delivery.normal.*"),
        publishers=("notify",),
        max_age_s=7 * DAY,
        work_queue=True,
        purpose="what is to be handed to providers, a queue for each; its consumers follow from the file of providers",
    ),
    Stream(
        name="SETTING",
        subjects=("setting.saved", "setting.removed"),
        publishers=("notify",),
        max_age_s=0,
        purpose="rules, recipients, silences and templates of alerts; notify keeps a copy built from here",
    ),
    Stream(
        name="KNOWLEDGE",
        subjects=(
            "knowledge.drafted",
            "knowledge.proposed",
            "knowledge.revised",
            "knowledge.submitted",
            "knowledge.returned",
            "knowledge.published",
            "knowledge.questioned",
            "knowledge.confirmed",
            "knowledge.retired",
            "knowledge.merged",
            "knowledge.absorbed",
            "knowledge.owned",
            "knowledge.judged",
            "knowledge.rated",
            "knowledge.viewed",
        ),
        publishers=("knowledge",),
        max_age_s=0,
        purpose="articles; every search index is built from this stream",
    ),
    Stream(
        name="SUGGESTION",
        subjects=("suggestion.made", "suggestion.judged"),
        publishers=("knowledge",),
        max_age_s=400 * DAY,
        purpose="what was suggested for cases, and what staff made of it",
    ),
    Stream(
        name="VOCABULARY",
        subjects=("vocabulary.saved", "vocabulary.removed"),
        publishers=("knowledge",),
        max_age_s=0,
        purpose="words that mean the same; every search keeps a copy built from here",
    ),
    Stream(
        name="IDENTITY",
        subjects=("identity.*",),
        publishers=("console",),
        max_age_s=0,
        purpose="accounts, what they may do and for whom, keys of machines",
    ),
    Stream(
        name="AUDIT",
        subjects=("audit.noted",),
        publishers=("intake", "sla", "stats", "notify", "knowledge", "console"),
        max_age_s=0,
        purpose="what has to be answered for later: sign-ins, reveals, exports, changes of rights",
    ),
    Stream(
        name="DEAD",
        subjects=("dead.>",),
        publishers=("intake", "sla", "stats", "notify", "knowledge", "console"),
        max_age_s=90 * DAY,
        purpose="messages that could not be handled, byte for byte, with the reason in headers",
    ),
)

DURABLES = (
    Durable(service="intake", stream="CHANNEL", filters=("channel.in.*", "channel.receipt.*")),
    Durable(service="intake", stream="CHANNEL", part="out", filters=("channel.out.*",), max_ack_pending=64),
    Durable(service="intake", stream="COMMAND", part="outage", filters=("outage.command.*",)),
    Durable(service="intake", stream="COMMAND", part="directory", filters=("directory.command.*",)),
    Durable(service="intake", stream="COMMAND", part="duty", filters=("duty.command.*",)),
    Durable(service="intake", stream="COMMAND", filters=("intake.command.*",)),
    Durable(
        service="sla",
        stream="CASE",
        filters=(
            "case.opened", "case.assigned", "case.responded", "case.waiting", "case.escalated",
            "case.resolved", "case.closed", "case.reopened", "case.resumed", "case.message_added", "case.chased",
            "case.categorised", "case.kind_set", "case.identified",
        ),
    ),
    # What a killed process held is late by this; a hint that comes twice says nothing.
    Durable(service="sla", stream="TIMER", filters=("due.sla",), ack_wait_s=5.0),
    Durable(service="sla", stream="COMMAND", filters=("sla.command.*",)),
    Durable(service="sla", stream="TIMER", part="obligation", filters=("due.obligation",)),
    Durable(service="sla", stream="COMMAND", part="obligation", filters=("obligation.command.*",)),
    Durable(service="sla", stream="COMMAND", part="exemption", filters=("exemption.command.*",)),
    Durable(
        service="notify",
        stream="CASE",
        filters=(
            "case.opened", "case.assigned", "case.escalated", "case.reopened", "case.window_closing",
            "case.reply_reported", "case.chase_due",
        ),
    ),
    Durable(service="notify", stream="SLA", filters=("sla.warned", "sla.breached", "sla.escalated")),
    Durable(
        service="notify",
        stream="OBLIGATION",
        filters=("obligation.noticed", "obligation.reminded", "obligation.overdue", "obligation.escalated"),
    ),
    Durable(
        service="notify",
        stream="EXEMPTION",
        filters=("exemption.requested", "exemption.approved", "exemption.rejected"),
    ),
    Durable(service="notify", stream="STATS", filters=("stats.finished", "stats.failed")),
    Durable(service="notify", stream="OUTAGE", filters=("outage.suggested", "outage.grew", "outage.confirmed")),
    Durable(service="notify", stream="TIMER", filters=("due.notify",), ack_wait_s=5.0),
    Durable(service="notify", stream="COMMAND", filters=("notify.command.*",)),
    Durable(service="notify", stream="COMMAND", part="setting", filters=("setting.command.*",)),
    # What ends alerts: these say nothing themselves, they find the alerts that are still open.
    Durable(
        service="notify",
        stream="CASE",
        part="settling",
        filters=("case.responded", "case.resolved", "case.closed"),
    ),
    Durable(service="notify", stream="SLA", part="settling", filters=("sla.acknowledged",)),
    Durable(
        service="notify",
        stream="OBLIGATION",
        part="settling",
        filters=("obligation.acknowledged", "obligation.completed"),
    ),
    Durable(
        service="notify",
        stream="OUTAGE",
        part="settling",
        filters=("outage.dismissed", "outage.resolved"),
    ),
    Durable(service="notify", stream="NOTIFY", part="settling", filters=("notify.acknowledged",)),
    Durable(
        service="notify",
        stream="KNOWLEDGE",
        part="settling",
        filters=("knowledge.published", "knowledge.confirmed", "knowledge.retired", "knowledge.merged"),
    ),
    Durable(service="notify", stream="CHANNEL", part="answers", filters=("channel.in.wechat",)),
    Durable(service="notify", stream="KNOWLEDGE", filters=("knowledge.submitted", "knowledge.questioned")),
    Durable(service="knowledge", stream="CASE", filters=("case.resolved",)),
    Durable(service="knowledge", stream="COMMAND", filters=("knowledge.command.*",)),
    Durable(
        service="knowledge",
        stream="CASE",
        part="suggestion",
        filters=("case.opened", "case.message_added", "case.identified", "case.resolved"),
        max_ack_pending=128,  # it looks things up and rests: no more than it gets through before they come again
    ),
    Durable(service="knowledge", stream="COMMAND", part="suggestion", filters=("suggestion.command.*",)),
    Durable(
        service="knowledge",
        stream="COMMAND",
        part="vocabulary",
        filters=("vocabulary.command.*",),
        max_ack_pending=1,  # a group depends on all others: one after the other, however many processes there are
    ),
    Durable(service="stats", stream="COMMAND", filters=("stats.command.*",)),
    Durable(service="stats", stream="COMMAND", part="definition", filters=("definition.command.*",)),
    Durable(service="stats", stream="COMMAND", part="dataset", filters=("dataset.command.*",)),
    Durable(service="stats", stream="COMMAND", part="schedule", filters=("schedule.command.*",)),
    Durable(service="stats", stream="STATS", filters=("stats.requested",), ack_wait_s=30.0, max_ack_pending=2),
    Durable(service="stats", stream="COMMAND", part="reconciliation", filters=("reconciliation.command.*",)),
    Durable(
        service="stats",
        stream="RECONCILIATION",
        part="telling",
        filters=("reconciliation.raised", "reconciliation.answered", "reconciliation.proved", "reconciliation.settled"),
    ),
    Durable(service="console", stream="COMMAND", part="identity", filters=("identity.command.*",)),
    Durable(service="console", stream="AUDIT", filters=("audit.noted",)),
)  # fmt: skip

READ: dict[str, tuple[str, ...]] = {
    "intake": ("CASE", "DIRECTORY", "DUTY"),
    "sla": ("CASE", "SLA", "EXEMPTION", "DIRECTORY"),
    "stats": ("CASE", "SLA", "OBLIGATION", "KNOWLEDGE", "SUGGESTION"),
    "notify": ("CASE", "SLA", "OUTAGE", "OBLIGATION", "NOTIFY", "DIRECTORY", "DUTY", "SETTING"),
    "knowledge": ("KNOWLEDGE", "VOCABULARY"),
    "console": ("DEAD",),
}
"""Streams that a service reads whole, by consumers of its own making: pictures in memory, indexes, figures, replays."""

LIVE: dict[str, tuple[str, ...]] = {
    "stats": ("stats.*",),
    "console": (
        "case.*", "sla.*", "outage.*", "notify.*", "obligation.*", "stats.*", "reconciliation.*", "knowledge.*",
        "duty.*", "definition.*", "suggestion.*", "audit.noted",
    ),
}  # fmt: skip
"""What a service hears just when it is published, and misses when it is away: hints for open pages."""

AMONG: dict[str, tuple[str, ...]] = {"console": ("console.presence",)}
"""What the processes of a service tell each other; nobody keeps it."""

QUERIES: dict[str, tuple[str, ...]] = {"notify": ("sla.query.calendars",)}
"""What a service asks another over the broker, and is answered at once."""


def stream_of(subject: str) -> str:
    """The name of the stream that stores `subject`. Raises LookupError when none does."""
    for stream in STREAMS:
        if any(matches(pattern, subject) for pattern in stream.subjects):
            return stream.name
    raise LookupError(f"no stream stores {subject!r}: add it to contracts/topology.py")


def durables_of(service: str) -> tuple[Durable, ...]:
    return tuple(d for d in DURABLES if d.service == service)


def matches(pattern: str, subject: str) -> bool:
    """Whether a subject fits a NATS pattern (`*` one token, `>` the rest)."""
    ours, theirs = pattern.split("."), subject.split(".")
    if ours[-1] == ">":
        ours = ours[:-1] + ["*"] * (len(theirs) - len(ours) + 1)
    return len(ours) == len(theirs) and all(o in ("*", t) for o, t in zip(ours, theirs, strict=True))
