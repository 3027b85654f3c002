"""What a file's messages became, counted by everything that intake decides about them; each count has its whole."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from yibao.demo.line import Fated

Json = dict[str, Any]
NOBODY = "无人"
READ = ("institution_code", "infno", "error", "error_code", "happened_at", "pasted", "amounts", "dates")


def breakdown(told: Sequence[Fated], cases: Iterable[Json]) -> Json:
    """`cases` are all that hold these lines' messages. Deciders, kinds and assignments add up to the cases, reasons to
    the lines said; a finding is counted once for each case that has it."""
    cases = list(cases)
    ours = {f.line.message_id for f in told}
    said = [line for case in cases for line in case["lines"] if ours & set(line["message_ids"])]
    return {
        "channels": _by(f.line.channel for f in told),
        "by_category": _by(c["category"] for c in cases),
        "by_priority": _by(c["priority"] for c in cases),
        "by_kind": _by(c["kind"] for c in cases),
        "decided": {by: _decided([c for c in cases if c["category_by"] == by]) for by in ("rule", "model", "staff")},
        "findings": {name: sum(bool(c["found"][name]) for c in cases) for name in READ},
        "lines": len(said),
        "masked": sum(line["sealed"] for line in said),
        "why": _by(why for case in cases for why in _reasons(case, ours)),
        "assigned": _by(c["assignee"] or NOBODY for c in cases),
    }


def adds_up(told: Sequence[Fated], cases: Sequence[Json], counts: Mapping[str, int], parts: Json) -> bool:
    """Every line has one fate, and each part of the breakdown adds up to its whole."""
    by_case = ("by_category", "by_priority", "by_kind", "assigned")
    return (
        not counts["unaccounted"]
        and sum(counts.values()) == 2 * len(told)  # all, and all again by fate
        and sum(parts["channels"].values()) == len(told)
        and all(sum(parts[part].values()) == len(cases) for part in by_case)
        and sum(part["cases"] for part in parts["decided"].values()) == len(cases)
        and sum(parts["why"].values()) == parts["lines"]
    )


def _reasons(case: Json, ours: set[str]) -> list[str]:
    """Why each line is where it is; what opened a case says why it is a case of its own."""
    whys = [case["why"], *(line["why"] for line in case["lines"][1:])]
    return [why for why, line in zip(whys, case["lines"], strict=True) if ours & set(line["message_ids"])]


def _decided(cases: Sequence[Json]) -> Json:
    """How many, of which categories, and the mean confidence where a model decided."""
    sure = [c["confidence"] for c in cases if c["confidence"] is not None]
    return {
        "cases": len(cases),
        "confidence": round(sum(sure) / len(sure), 3) if sure else None,
        "by_category": _by(c["category"] for c in cases),
    }


def _by(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())
