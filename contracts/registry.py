"""Every event and command by its type, which is also its subject."""

from contracts import (
    case,
    casework,
    dataset,
    definition,
    delivery,
    directory,
    duty,
    exemption,
    knowledge,
    knowledge_work,
    notify,
    obligation,
    outage,
    reconciliation,
    schedule,
    setting,
    sla,
    stats,
    suggestion,
    vocabulary,
)
from contracts.channel import CHANNELS, ChannelMessage, ChannelReceipt, ChannelReply
from contracts.envelope import Command, Contract, Event

_MODULES = (
    case, casework, dataset, definition, delivery, directory, duty, exemption, knowledge, knowledge_work, notify,
    obligation, outage, reconciliation, schedule, setting, sla, stats, suggestion, vocabulary,
)  # fmt: skip


def _by_type(base: type[Event] | type[Command]) -> dict[str, type[Contract]]:
    models = (m for module in _MODULES for m in vars(module).values() if isinstance(m, type))
    return {m.model_fields["type"].default: m for m in models if issubclass(m, base) and _is_concrete(m)}


def _is_concrete(model: type[Event] | type[Command]) -> bool:
    return isinstance(model.model_fields["type"].default, str)


EVENTS: dict[str, type[Contract]] = _by_type(Event)
COMMANDS: dict[str, type[Contract]] = _by_type(Command)
SUBJECTS: dict[str, type[Contract]] = {
    **{f"channel.in.{name}": ChannelMessage for name in CHANNELS},
    **{f"channel.out.{name}": ChannelReply for name in CHANNELS},
    **{f"channel.receipt.{name}": ChannelReceipt for name in CHANNELS},
    "due.sla": sla.TimerDue,
    "due.obligation": obligation.ObligationDue,
    "due.notify": notify.AlertDue,
    "delivery.urgent.*": delivery.Handover,
    "delivery.normal.*": delivery.Handover,
    **EVENTS,
    **COMMANDS,
}
