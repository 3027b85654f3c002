"""What stats says of reconciliations, as the pages show it; and what a hospital fills in. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]
PAGE: Final = 50
STATES: Final = {
    "balanced": ("对平", "green"), "open": ("有差异", "yellow"), "raised": ("已下发, 待反馈", "orange"),
    "settled": ("已办结", "secondary"),
}  # fmt: skip
VERDICTS: Final = {"accepted": "属实", "rejected": "不属实", "corrected": "已更正"}
AMOUNTS: Final = {"medfee": "费用", "fund": "基金", "acct": "个账"}
_VERDICT, _NOTE = "verdict.", "note."


def brief(found: Json, names: Mapping[str, str]) -> Json:
    state, colour = STATES[found["status"]]
    code = found["fixmedins_code"]
    return {**found, "state": state, "colour": colour, "institution": names.get(code, code)}


def told(timeline: Sequence[Json]) -> list[Json]:
    """What happened, the latest first."""
    return [
        {
            "at": event["occurred_at"], "by": (event.get("actor") or {}).get("name") or
            (event.get("actor") or {}).get("id", ""), "note": event.get("note", ""),
            **dict(zip(("what", "detail"), _words(event), strict=True)),
        }
        for event in reversed(timeline)
    ]  # fmt: skip


def _words(event: Json) -> tuple[str, str]:
    match event["type"].rpartition(".")[2]:
        case "compared":
            return "对账", f"{event['count']} 条差异" if event["count"] else "两边一致"
        case "raised":
            return "下发医院", f"{event['count']} 条"
        case "answered":
            counts = {name: sum(a["verdict"] == v for a in event["answers"]) for v, name in VERDICTS.items()}
            said = "、".join(f"{name} {n} 条" for name, n in counts.items() if n)
            return "医院反馈", f"{said}; 还有 {event['open']} 条待反馈"
        case "proved":
            parts = (("已消除", "gone"), ("仍存在", "left"), ("新增", "new"))
            return "复核", ", ".join(f"{name} {sum(t['count'] for t in event[key])} 条" for name, key in parts)
        case "settled":
            return "办结", f"其余 {event['agreed']} 条已协商一致" if event["agreed"] else "两边已对平"
    return str(event["type"]), ""


def answers(form: Mapping[str, str], shown: Mapping[str, tuple[str, str]]) -> list[Json]:
    """Those that were filled in, and are not what stood there before: `shown` is verdict and note by id."""
    found = []
    for name, verdict in form.items():
        id_ = name.removeprefix(_VERDICT)
        if not name.startswith(_VERDICT) or not verdict:
            continue
        note = form.get(_NOTE + id_, "").strip()
        if shown.get(id_) != (verdict, note):
            found.append({"id": id_, "verdict": verdict, "note": note})
    return found


def before(differences: Sequence[Json]) -> dict[str, tuple[str, str]]:
    return {d["id"]: (d["verdict"], d["note"]) for d in differences}


def started(form: Mapping[str, str]) -> Json:
    """The body of a request for a comparison."""
    parameters = {name: "1" if form.get(name) else "0" for name in ("refunds", "may_be_empty")}
    return {
        "report": "reconciliation", "institutions": [form.get("institution", "").strip()],
        "period": form.get("period", "").strip(), "parameters": parameters,
    }  # fmt: skip
