"""What the pages of knowledge show, made of what the service says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from chassis.access import DESK, Roles
from chassis.token import Principal
from services.console.pages.knowledge.markdown import rendered
from services.console.pages.knowledge.words import CATEGORIES, COLOURS, FIELDS, KINDS, STATES, STEPS, audience

Json = dict[str, Any]
Piece = tuple[str, bool]
PAGE: Final = 20
INSIDE: Final[Roles] = DESK | {"auditor"}
"""Who sees how knowledge comes about."""
_TEXTS: Final = (("question", "问题"), ("symptoms", "现象"), ("cause", "原因"), ("answer", "处理步骤"))
_GONE: Final = ("retired", "merged")
_MISSING: Final[Json] = {
    "state": "published", "owner": "", "review_at": None, "doubt": "", "why": "", "sources": [], "draft": None,
    "proposal": None, "merged_into": None, "usage": None, "case_id": "", "published_at": None, "live_revision": 0,
    "revised_by": "", "revised_at": None, "questioned_at": None, "absorbed": [],
}  # fmt: skip
"""What only engineers are told."""


def pieces(text: str, spans: Iterable[Sequence[int]]) -> list[Piece]:
    """`text` in parts, each with whether it is one of `spans`; together they are the text again."""
    found: list[Piece] = []
    at = 0
    for begin, end in spans:
        found += [(text[at:begin], False), (text[max(at, begin) : end], True)]
        at = max(at, end)
    return [piece for piece in (*found, (text[at:], False)) if piece[0]]


def hit(found: Json) -> Json:
    """One answer of a search."""
    return {
        **found,
        "title_pieces": pieces(found["title"], found["title_marks"]),
        "pieces": pieces(found["snippet"], found["marks"]),
        "kind_name": KINDS[found["kind"]],
        **standing(found["state"]),
    }


def line(found: Json) -> Json:
    """One article of a list."""
    whole = {**_MISSING, **found}
    return {**whole, "kind_name": KINDS[whole["kind"]], **standing(whole["state"])}


def article(found: Json, who: Principal, draft: bool = False) -> Json:
    """One article: as readers see it, or with `draft` as it is written at present."""
    whole = {**line(found), "audience_name": audience(found["audience"])}
    usage = whole["usage"] or {}
    said: Json = whole["draft"] if draft and whole["draft"] else found
    can = acts(whole, who)
    return {
        **whole,
        "shown": said,
        "sections": sections(said),
        "helpful": found.get("helpful", usage.get("helpful", 0)),
        "unhelpful": found.get("unhelpful", usage.get("unhelpful", 0)),
        "can": can,
        "works": bool(can - {"rate", "edit"}),
    }


def sections(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The texts that there are, with their headings, as HTML."""
    return [(title, rendered(text)) for name, title in _TEXTS if (text := (said.get(name) or "").strip())]


def acts(found: Json, who: Principal) -> frozenset[str]:
    """What this person may do with it as it stands."""
    state = found["state"]
    if who.role not in DESK:
        return frozenset({"rate"} if who.role != "auditor" else ())
    allowed = {
        "rate": bool(found["live_revision"]),
        "edit": state != "merged",
        "own": state != "merged",
        "submit": state == "draft",
        "return": state == "in_review",
        "publish": state == "in_review" and found["revised_by"] != who.account,
        "question": bool(found["live_revision"]) and not found["questioned_at"],
        "confirm": state in ("published", "needs_review"),
        "retire": state not in _GONE,
        "merge": state not in _GONE,
        "keep-apart": state == "proposed",
        "discard": found["draft"] is not None,
    }
    return frozenset(act for act, may in allowed.items() if may)


def versions(found: Sequence[Json]) -> list[Json]:
    """Every revision with what became of it, in words."""
    return [{**one, "steps": [{**s, "name": _step(s["type"])} for s in one["steps"]]} for one in found]


def differences(fields: Mapping[str, Json]) -> list[Json]:
    """What differs, field by field: `marks` of a text, `old` and `new` of anything else."""
    return [{"name": FIELDS[name], **_told(told)} for name, told in fields.items()]


def facet(counts: Mapping[str, int], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The values that occur, with how often, as options."""
    return [(value, f"{names[value]} ({counts[value]})") for value in names if counts.get(value)]


def categories() -> dict[str, str]:
    return dict(zip(CATEGORIES, CATEGORIES, strict=True))


def standing(state: str) -> Json:
    return {"state_name": STATES[state], "colour": COLOURS.get(state, "secondary")}


def _step(type_: str) -> str:
    name = type_.rpartition(".")[2]
    return STEPS.get(name, name)


def _told(told: Json) -> Json:
    if "marks" in told:
        return {"marks": told["marks"]}
    return {"marks": None, "old": _plain(told["old"]) or "—", "new": _plain(told["new"]) or "—"}


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(one)}" for key, one in value.items() if one)
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")
