"""Which model the messages of a subject have. Whoever decodes loads the contracts that he hears: a third of them."""

from functools import cache, lru_cache
from importlib import import_module
from typing import Final

from contracts.channel import CHANNELS
from contracts.envelope import Command, Contract, Event

_CASES: Final = ("case", "casework", "directory")
_ALONE: Final = (
    "audit", "dataset", "definition", "directory", "duty", "exemption", "identity", "obligation", "outage",
    "reconciliation", "schedule", "setting", "sla", "stats", "suggestion", "vocabulary",
)  # fmt: skip
MODULES: Final[dict[str, tuple[str, ...]]] = {
    **{name: (name,) for name in _ALONE},
    "case": _CASES,
    "intake": _CASES,
    "knowledge": ("knowledge", "knowledge_work"),
    "notify": ("notify", "delivery"),
}
"""By the first word of the types of their events and commands."""
OTHERS: Final[dict[str, tuple[str, str]]] = {
    **{f"channel.in.{name}": ("channel", "ChannelMessage") for name in CHANNELS},
    **{f"channel.out.{name}": ("channel", "ChannelReply") for name in CHANNELS},
    **{f"channel.receipt.{name}": ("channel", "ChannelReceipt") for name in CHANNELS},
    "due.sla": ("sla", "TimerDue"),
    "due.obligation": ("obligation", "ObligationDue"),
    "due.notify": ("notify", "AlertDue"),
    "delivery.urgent.*": ("delivery", "Handover"),
    "delivery.normal.*": ("delivery", "Handover"),
}
"""Subjects that are not their model's type: module and class."""


@lru_cache(1_024)
def model_of(subject: str) -> type[Contract] | None:
    """None where nothing is agreed on the subject."""
    if other := OTHERS.get(subject):
        module, name = other
        found: type[Contract] = getattr(import_module(f"contracts.{module}"), name)
        return found
    homes = MODULES.get(subject.partition(".")[0], ())
    return next((model for home in homes if (model := spoken(home).get(subject))), None)


@cache
def spoken(module: str) -> dict[str, type[Contract]]:
    """Events and commands of a module of contracts, by type."""
    models = (m for m in vars(import_module(f"contracts.{module}")).values() if isinstance(m, type))
    types = ((m.model_fields["type"].default, m) for m in models if issubclass(m, Event | Command))
    return {type_: model for type_, model in types if isinstance(type_, str)}
