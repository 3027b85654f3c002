"""Exemptions as the EXEMPTION stream tells them: what is stored must follow from it."""

from collections.abc import Iterable
from uuid import UUID

from msgspec.structs import replace

from contracts.exemption import ExemptionEvent, ExemptionRequested
from services.sla.exemptions.model import Decision, Exemption, wanted


def told(events: Iterable[ExemptionEvent]) -> list[Exemption]:
    """All of them after these events, which come in the order of the stream; one that comes twice counts once."""
    found: dict[UUID, tuple[int, Exemption]] = {}
    for event in events:
        version, before = found.get(event.exemption_id, (0, None))
        if event.version > version and (after := _after(before, event)) is not None:
            found[event.exemption_id] = event.version, after
    return [exemption for _, exemption in found.values()]


def _after(before: Exemption | None, event: ExemptionEvent) -> Exemption | None:
    if isinstance(event, ExemptionRequested):
        asked = Decision("requested", event.recorded_at, event.actor.id)
        return Exemption(
            event.exemption_id, event.ground, event.text, event.begins, event.ends, wanted(event.scope), (asked,)
        )
    standing = event.type.removeprefix("exemption.")
    decision = Decision(standing, event.recorded_at, event.actor.id, getattr(event, "reason", ""))  # type: ignore[arg-type]
    return before and replace(before, decisions=(*before.decisions, decision))
