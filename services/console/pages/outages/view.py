"""What the pages of outages show. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from services.console.pages.cases.words import CHANNELS, STATUS, STATUS_COLOURS

Json = dict[str, Any]
STATES: Final = {"suggested": "疑似", "confirmed": "处理中", "resolved": "已解决", "dismissed": "不是故障"}
COLOURS: Final = {"suggested": "orange", "confirmed": "red", "resolved": "green"}
_STEPS: Final = {
    "suggested": "系统发现多家机构同时报同一问题", "grew": "又有工单加入", "confirmed": "确认为群体故障",
    "dismissed": "认为不是群体故障", "broadcast": "统一答复", "resolved": "解决",
}  # fmt: skip


def outage(found: Json, names: Mapping[str, str]) -> Json:
    """One outage of a list."""
    state = found["state"]
    return {
        **found,
        "state_name": STATES[state],
        "colour": COLOURS.get(state, "secondary"),
        "institution_names": [names.get(code, code) for code in found["institutions"]],
        "what": " ".join(filter(None, (found["infno"], found["error"]))),
    }


def lasted(found: Json, now: datetime) -> float:
    """Seconds from the first suggestion to its end, or to now."""
    end = datetime.fromisoformat(found["ended_at"]) if found["ended_at"] else now
    return (end - datetime.fromisoformat(found["suggested_at"])).total_seconds()


def members(children: Sequence[Json], names: Mapping[str, str]) -> list[Json]:
    """Its cases, the open ones first."""
    told = [
        {
            **one,
            "status_name": STATUS.get(one["status"], one["status"]),
            "status_colour": STATUS_COLOURS.get(one["status"], "secondary"),
            "institution_name": names.get(one["institution_code"] or "", one["institution_code"] or "未登记机构"),
            "channel_name": CHANNELS.get(one["channel"], one["channel"]),
            "is_open": one["status"] not in ("resolved", "closed"),
        }
        for one in children
    ]
    return sorted(told, key=lambda one: (not one["is_open"], one["institution_name"], one["number"]))


def reach(children: Sequence[Json]) -> str:
    """By which channels everybody would be told: 微信 3 件、电话 1 件."""
    counted = Counter(CHANNELS.get(one["channel"], one["channel"]) for one in children)
    return "、".join(f"{name} {n} 件" for name, n in counted.most_common())


def steps(timeline: Sequence[Json]) -> list[Json]:
    """What happened, in words, the latest first."""
    return [_step(event) for event in reversed(timeline)]


def _step(event: Json) -> Json:
    name = event["type"].rpartition(".")[2]
    said = next((event[key] for key in ("text", "resolution", "reason") if event.get(key)), "")
    cases = len(event.get("case_ids") or ())
    by = event["actor"]
    return {
        "at": event["occurred_at"],
        "by": "系统" if by["kind"] == "system" else by.get("name") or by["id"],
        "what": _STEPS.get(name, name) + (f" ({cases} 件工单)" if cases else ""),
        "said": said,
    }
