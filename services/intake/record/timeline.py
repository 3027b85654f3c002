"""The record of a case (工单档案): what is stored about it, what happened to it, and the proof that both are whole."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.intake.record.audit import verify
from services.intake.record.why import sentence

Json = dict[str, Any]


def timeline(history: Sequence[str]) -> list[Json]:
    """Every event, oldest first, with its actor and cause; wishes to other aggregates are not events."""
    said: list[Json] = [msgspec.json.decode(text) for text in history]
    return [event for event in said if ".command." not in event["type"]]


def chain(history: Sequence[str], head: str) -> Json:
    """The verdict on the chain, as the API gives it."""
    found = verify(history, head)
    return {
        "ok": found.ok, "events": found.events, "head": found.head, "broken_at": found.broken_at, "why": found.why,
    }  # fmt: skip


def explained(case: Json) -> Json:
    """The case with a sentence beside its own code, why it was opened, and beside every line's, why it is in here."""
    lines = [{**line, "why_text": sentence(line["why"])} for line in case["lines"]]
    return {**case, "why_text": sentence(case["why"]), "lines": lines}


def record(case: Json, history: Sequence[str], head: str) -> Json:
    """The whole record: state, timeline and chain; `links` are the hashes, to be checked by anybody.

    `said` holds the events exactly as they were published, which is what the hashes are of.
    """
    return {
        "case": explained(case),
        "timeline": timeline(history),
        "chain": {**chain(history, head), "algorithm": "SHA-256", "said": list(history)},
    }
