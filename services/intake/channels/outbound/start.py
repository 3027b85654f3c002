"""Everything that answers people, put together: budgets, the look for windows that close, and the senders."""

from datetime import UTC, datetime

from chassis.inbox import NatsInbox
from chassis.service import Service
from contracts.topology import durables_of
from services.intake.channels.config import Channels
from services.intake.channels.hub import Hub
from services.intake.channels.mail.sending import MailSender
from services.intake.channels.mail.settings import MailSettings
from services.intake.channels.outbound.senders import Send, build, limits
from services.intake.channels.outbound.sent import Sent
from services.intake.channels.outbound.worker import Outbound
from services.intake.channels.ports import Ports
from services.intake.replies import budget
from services.intake.replies.windows import Windows
from services.intake.store import Cases

SWEEP_S = 60.0


async def start_sending(service: Service, cases: Cases, channels: Channels, within_s: float) -> None:
    """Call it before the loops start: a fold asks for budgets. Raises ConfigError.

    Adapters that also send are in `service.state` by then; what the section `senders` says overrules them.
    """
    budget.configure(limits(channels))
    ports: Ports = service.state["ports"]
    senders = _adapters(service, channels)
    senders.update(build(channels))
    windows, sent = Windows(cases, service.outbox), Sent(service.db)
    await sent.prepare()
    outbound = Outbound(sent, service.outbox, senders, ports.address_of, within_s=within_s)
    [durable] = (d for d in durables_of(service.name) if d.part == "out")
    service.background(durable.name, outbound.run(NatsInbox(service.nc, durable)))
    service.every(SWEEP_S, "reply windows", lambda: windows.sweep(datetime.now(UTC)))


def _adapters(service: Service, channels: Channels) -> dict[str, Send]:
    """QQ and mail answer the way they listen."""
    senders: dict[str, Send] = {}
    hub: Hub | None = service.state.get("hub")
    if hub and hub.link:
        senders["qq"] = hub.link.send
    mail = channels.section("email", MailSettings)
    if mail and mail.smtp:
        senders["email"] = MailSender(mail).send
    return senders
