"""A hint: which kind of thing changed, and which one. Pure. It carries no content, so that pages stay the only door."""

from typing import Any, Final

import msgspec

from chassis.token import Principal
from contracts.audit import Act
from contracts.identity import Role

IDS: Final = {
    "case": "case_id", "sla": "case_id", "outage": "outage_id", "notify": "alert_id", "obligation": "obligation_id",
    "stats": "run_id", "reconciliation": "reconciliation_id", "knowledge": "article_id", "duty": "shift_id",
    "definition": "report", "suggestion": "case_id",
}  # fmt: skip
"""The kinds by the first word of a subject, and the field that names the thing."""
PRESENCE: Final = "console.presence"
NOTED: Final = "audit.noted"
_ENDING: Final[tuple[Act, ...]] = ("signed_out", "rights_changed")
_OF_CASES: Final = ("case", "sla", "suggestion", "presence", "notify")
_ALL: Final[frozenset[Role]] = frozenset({"engineer", "lead", "officer", "auditor"})


class Hint(msgspec.Struct, frozen=True):
    kind: str
    id: str = ""
    detail: str = ""


def hint_of(subject: str, body: bytes) -> Hint | None:
    """None for what no page shows."""
    kind = subject.partition(".")[0]
    if subject == PRESENCE:
        return msgspec.convert({"kind": "presence", **msgspec.json.decode(body)}, Hint)
    if kind not in IDS:
        return None
    said: dict[str, Any] = msgspec.json.decode(body)
    return Hint(kind, str(said.get(IDS[kind]) or ""))


def told_to(who: Principal, hint: Hint, following: str) -> Hint | None:
    """What of it somebody may know: a hospital hears of the one case that it looks at, which was checked when it opened
    the page; an officer with districts of other cases no more than that there was something, and so all of alerts.
    """
    if who.role in _ALL and (not who.districts or hint.kind not in _OF_CASES):
        return hint
    if hint.id == following != "" and (who.role in _ALL or hint.kind == "case"):
        return hint
    if hint.kind == "notify" or (who.role in _ALL and hint.kind != "presence"):
        return Hint(hint.kind)
    return None


def ended(body: bytes) -> str:
    """The account of which a note says that sessions of it may be over; empty where it says nothing of the kind."""
    said: dict[str, Any] = msgspec.json.decode(body)
    return str(said["object"]) if said.get("act") in _ENDING else ""
