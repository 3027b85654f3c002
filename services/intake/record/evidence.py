"""The evidence packet (证据材料) that goes to the provincial platform with a case: all it needs, nothing personal.

Built from the case and its history alone. Texts are masked already when they are stored; here the serial part of
message ids goes too, while institution and time stay, by which the platform finds the call.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chassis.personal.masking import mask
from chassis.zone import BEIJING
from services.intake.model import Case, Line
from services.intake.workflows.engine import WORKFLOWS, step_of

Json = dict[str, Any]

FIRST, LAST, LONGEST = 3, 17, 500
# Ours: institution (12), time (14), serial (4). The platform's: division (6), time (14), serial (10).
_MSGID = re.compile(r"(?<![0-9A-Za-z])([HP]\d{11}20\d{12})\d{4}(?!\d)|(?<![0-9A-Za-z])(\d{6}20\d{12})\d{10}(?!\d)")


def mask_msgids(text: str) -> str:
    """`text` with the serial part of every message id hidden; run it again: no change."""
    return _MSGID.sub(lambda m: m[1] + "****" if m[1] else m[2] + "*" * 10, text)


def packet(case: Case, history: Sequence[Json]) -> Json:
    """Everything about the case that the platform may see, as JSON's types. `history` are its events, oldest first."""
    found = case.found
    return {
        "number": case.number,
        "external_number": case.external_number,
        "kind": WORKFLOWS[case.kind].name,
        "step": step_of(case).name,
        "status": case.status,
        "owes": case.owes,
        "category": case.category,
        "priority": case.priority,
        "title": _clean(case.title),
        "institution_code": case.institution_code,
        "infno": found.infno,
        "error_code": found.error_code,
        "error": found.error and _clean(found.error),
        "msgids": _msgids(case),
        "setl_ids": list(found.setl_ids),
        "mdtrt_ids": list(found.mdtrt_ids),
        "times": _times(case, history),
        "fields": {label: _clean(value) for label, value in _labelled(case).items()},
        "attachments": _attachments(history),
        "conversation": _excerpt(case.lines),
        "steps_tried": [tried for event in history if (tried := _tried(event))],
        "chases": [_chase(event) for event in history if event["type"] == "case.chased"],
        "next_chase_at": case.next_chase_at and _beijing(case.next_chase_at.isoformat()),
    }


def _clean(text: str) -> str:
    """Not only for messages: what was written down before a rule of masking was learnt passes it here."""
    return mask(mask_msgids(text))


def _msgids(case: Case) -> list[str]:
    said = " ".join((case.found.msgid or "", *(line.text for line in case.lines)))
    return list(dict.fromkeys(m[0] if "*" in m[0] else mask_msgids(m[0]) for m in _MSGID.finditer(said)))


def _times(case: Case, history: Sequence[Json]) -> Json:
    """When it happened as the requester wrote it, and when the desk did what, in Beijing time."""
    return {
        "happened_at": case.found.happened_at,
        "opened_at": _beijing(case.opened_at.isoformat()),
        "responded_at": case.responded_at and _beijing(case.responded_at.isoformat()),
        "escalated_at": [_beijing(e["occurred_at"]) for e in history if e["type"] == "case.escalated"],
        "ended_at": case.ended_at and _beijing(case.ended_at.isoformat()),
    }


def _labelled(case: Case) -> dict[str, str]:
    """What was filled in on the way, by the names that staff know; of two with one name both stay."""
    labels = {f.field: f.label for flow in WORKFLOWS.values() for t in flow.transitions for f in t.fields}
    labels |= {f.field: f.label for t in WORKFLOWS[case.kind].transitions for f in t.fields}
    shown: dict[str, str] = {}
    for key, value in case.fields.items():
        label = labels.get(key, key)
        shown[label if label not in shown else f"{label} ({key})"] = value
    return shown


def _attachments(history: Sequence[Json]) -> list[Json]:
    """Names only: the files stay at the desk until somebody has looked at what is on them."""
    return [
        {"name": _clean(a["name"]), "media_type": a.get("media_type", ""), "size": a.get("size")}
        for event in history
        for a in event.get("attachments", ())
    ]


def _excerpt(lines: Sequence[Line]) -> list[Json]:
    """How it began and how it went on lately; what lies between is counted."""
    if len(lines) <= FIRST + LAST:
        return [_line(line) for line in lines]
    left_out = {"at": "", "who": "", "text": f"[中间省略 {len(lines) - FIRST - LAST} 条]"}
    return [*map(_line, lines[:FIRST]), left_out, *map(_line, lines[-LAST:])]


def _line(line: Line) -> Json:
    text = _clean(line.text)
    return {
        "at": _beijing(line.at.isoformat()),
        "who": "服务台" if line.staff else "来询方",
        "text": text if len(text) <= LONGEST else f"{text[:LONGEST]}[以下省略 {len(text) - LONGEST} 字]",
    }


_TRIED: Final[Mapping[str, tuple[str, Callable[[Json], str]]]] = {
    "case.stepped": ("流程推进", lambda e: f"{e['label'] or e['transition']} → {e['step_name'] or e['to_step']}"),
    "case.responded": ("答复来询人", lambda e: e["text"]),
    "case.waiting": ("等待", lambda e: e["reason"]),
    "case.escalated": ("上报", lambda e: e["reason"]),
    "case.resumed": ("恢复处理", lambda e: e["reason"]),
    "case.visited": ("现场服务", lambda e: e["note"] or e["phase"]),
    "case.resolved": ("解决", lambda e: e["resolution"]),
    "case.reopened": ("重新打开", lambda e: e["reason"]),
}


def _tried(event: Json) -> Json | None:
    """What the desk did about it; internal notes stay inside."""
    if (known := _TRIED.get(event["type"])) is None:
        return None
    name, words = known
    return {"at": _beijing(event["occurred_at"]), "what": name, "text": _clean(words(event))}


def _chase(event: Json) -> Json:
    next_at = event.get("next_at")
    return {
        "at": _beijing(event["occurred_at"]),
        "times": event["times"],
        "note": _clean(event["note"]),
        "next_at": next_at and _beijing(next_at),
    }


def _beijing(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(BEIJING).isoformat(sep=" ", timespec="seconds")
