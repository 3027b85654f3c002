"""A training (培训): a case of that kind, and what its steps say of when, how and for how many it was held."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.stats.operations.facts import Fact
from services.stats.operations.told import district

MODES = ("线上", "线下", "远程")
SATISFACTION = ("很满意", "满意", "一般", "不满意")
_NUMBER = re.compile("[0-9]{1,6}")


def training(case_id: str, facts: Sequence[Fact], known: Mapping[str, str], ended: str) -> dict[str, Any]:
    """A row of desk_training. What somebody typed otherwise than the workflow offers is left out."""
    steps = {dict(fact.what).get("transition"): fact for fact in facts if fact.type == "stepped"}
    held, code = steps.get("hold"), known.get("institution_code")
    held_at = held and (_time(known.get("starts_at", "")) or held.at)
    return {
        "case_id": case_id, "fixmedins_code": code, "fix_blng_admdvs": district(code),
        "engineer": known.get("assignee"),
        "requested_at": facts[0].at, "requested_on": facts[0].at.date(), "planned": str(int("plan" in steps)),
        "held_at": held_at, "held_on": held_at and held_at.date(),
        "training_on": held_at.date() if held_at else facts[0].at.date(),
        "mode": _one_of(known.get("mode"), MODES), "attendance": _count(known.get("attendance", "")) if held else None,
        "satisfaction": _one_of(known.get("satisfaction"), SATISFACTION), "state": _state(steps, ended),
    }  # fmt: skip


def _state(steps: Mapping[str | None, Fact], ended: str) -> str:
    last = max(steps.values(), key=lambda fact: fact.version, default=None)
    if "cancel" in steps and last is steps["cancel"]:
        return "cancelled"
    if ended == "merged":
        return "merged"
    if "hold" in steps:
        return "completed" if ended in ("resolved", "closed") else "held"
    return "cancelled" if ended == "closed" else "planned" if "plan" in steps else "requested"


def _one_of(text: str | None, known: tuple[str, ...]) -> str | None:
    return text if text in known else None


def _count(text: str) -> int | None:
    digits = text.strip().removesuffix("人")
    return int(digits) if _NUMBER.fullmatch(digits) else None


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None, microsecond=0)
    except ValueError:
        return None
