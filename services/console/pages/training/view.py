"""What the pages of training show: of a contract, how many were agreed, held with proof, planned. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.console.pages.cases.words import STATUS, STATUS_COLOURS

Json = dict[str, Any]
_AGREED: Final = "trainings"
_SHOWN: Final = 50
_MODES: Final = ("线下", "线上", "远程")


def duties(definitions: Sequence[Json]) -> frozenset[str]:
    """The names of the duties of which each piece of evidence is a training."""
    return frozenset(d["name"] for d in definitions if (d.get("count") or {}).get("agreed") == _AGREED)


def contract(found: Json, occurrence: Json | None, usage: Json | None, names: Mapping[str, str], today: date) -> Json:
    """One contract; `occurrence` is its duty with the evidence, `usage` its training cases, None where not known."""
    items = occurrence["items"] if occurrence else []
    pieces = sorted(_pieces(items), key=lambda piece: piece["at"], reverse=True)
    allowed, cases = found["trainings"], (usage or {}).get("cases", [])
    return {
        **found,
        "allowed": allowed,
        "recorded": len(pieces),
        "left": max(0, allowed - len(pieces)),
        "least": (occurrence or {}).get("least"),
        "held": (usage or {}).get("held", 0),
        "planned": (usage or {}).get("planned", 0),
        "occurrence": occurrence,
        "pieces": pieces,
        "cases": [_case(one, names) for one in sorted(cases, key=_is_done)[:_SHOWN]],
        "is_in_force": found["begins"] <= today.isoformat() <= found["ends"],
    }


def note(form: Mapping[str, str]) -> str:
    """What the record says: when, about what, how, for how many people."""
    people = form.get("attendance", "").strip()
    mode = form.get("mode", "")
    parts = (
        form.get("held_on", "").strip(), form.get("topic", "").strip(), mode if mode in _MODES else "",
        f"{people} 人" if people else "", form.get("more", "").strip(),
    )  # fmt: skip
    return ", ".join(part for part in parts if part)


def _is_done(found: Json) -> bool:
    return found["status"] in ("resolved", "closed")


def _pieces(items: Sequence[Json]) -> list[Json]:
    return [{"note": "", "file": None, **piece, "item": item["name"]} for item in items for piece in item["evidence"]]


def _case(found: Json, names: Mapping[str, str]) -> Json:
    code = found.get("institution_code") or ""
    return {
        **found,
        "institution_name": names.get(code, code or "未登记机构"),
        "status_name": STATUS.get(found["status"], found["status"]),
        "colour": STATUS_COLOURS.get(found["status"], "secondary"),
    }
