"""What stats says of reports and runs, as the pages show it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from services.console.pages.reports.words import (
    FAMILIES,
    FILE_NAMES,
    FILES,
    PARAMETERS,
    RUN_STATES,
    TOLD,
    VERDICTS,
    YES_OR_NO,
)
from services.console.web.forms import words_of

Json = dict[str, Any]
PAGE: Final = 100
_NOTHING: Final[Json] = {"since": "", "until": "", "notes": [], "facts": {}, "checks": [], "files": []}
WANTED: Final[Json] = {"parameters": {}, "forms": ["xlsx"], "institutions": None, "districts": None, "below": 0}
"""A wish for everything, as the form shows it before anybody has changed it."""
_ENDED: Final = ("finished", "failed", "cancelled")


def families(reports: Sequence[Json], words: str = "") -> list[tuple[str, list[Json]]]:
    """By family, the daily ones first; those reports that have every one of the words."""
    wanted = words.casefold().split()
    found: dict[str, list[Json]] = {}
    for report in sorted(reports, key=lambda r: _place(r["family"])):
        text = " ".join(str(report[k]) for k in ("title", "report", "family_name", "purpose", "owner")).casefold()
        if all(word in text for word in wanted):
            found.setdefault(report["family_name"], []).append(report)
    return list(found.items())


def _place(family: str) -> int:
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)


def periods(today: date, kind: str) -> list[tuple[str, str]]:
    """What is usually asked for, with its name: suggestions for the field of the period."""
    if kind == "none":
        return []
    yesterday, last = today - timedelta(days=1), today.replace(day=1) - timedelta(days=1)
    if kind == "moment":
        return [(last.isoformat(), "上月末"), (yesterday.isoformat(), "昨日"), (f"{today.year - 1}-12-31", "上年末")]
    year, quarter = _quarter_before(today)
    found = [(f"{last:%Y-%m}", "上月"), (f"{today:%Y-%m}", "本月"), (f"{year}-Q{quarter}", "上季度")]
    months = [(f"{last.year}-01..{last:%m}", "今年至上月" if last.year == today.year else "上年全年")]
    return [*found, *months, (str(today.year - 1), "上年")]


def _quarter_before(today: date) -> tuple[int, int]:
    quarter = (today.month - 1) // 3
    return (today.year, quarter) if quarter else (today.year - 1, 4)


def wish(report: str, given: Mapping[str, str], forms: Sequence[str]) -> Json:
    """The body of a request for a run from its form's fields; `p.<name>` are the report's parameters."""
    made: Json = {
        "report": report, "period": given.get("period", "").strip(), "forms": list(forms) or ["xlsx"],
        "parameters": {k[2:]: v.strip() for k, v in given.items() if k.startswith("p.") and v.strip()},
    }  # fmt: skip
    for name in ("institutions", "districts"):
        if codes := words_of(given.get(name, "")):
            made[name] = codes
    if below := given.get("below", "").strip():
        made["below"] = int(below) if below.isascii() and below.isdigit() else below
    if reworks := given.get("reworks"):
        made["reworks"] = reworks
    if trial := given.get("trial"):
        made |= {"trial": True, "definition_hash": trial}
    return made


def run(found: Json, titles: Mapping[str, str]) -> Json:
    """A run with everything named: for lists and for its page."""
    result = found.get("result") or {}
    outcome = {**_NOTHING, **(result.get("outcome") or {})}
    state, colour = RUN_STATES[found["status"]]
    verdict, verdict_colour = VERDICTS.get(found.get("verdict") or "", ("", "secondary"))
    title = "对账" if found["kind"] == "reconcile" else titles.get(found["report"], found["report"])
    return {
        **found, "title": title, "state": state, "colour": colour, "verdict_name": verdict,
        "verdict_colour": verdict_colour, "ended": found["status"] in _ENDED, "result": result, "outcome": outcome,
        "percent": round(100 * (found.get("done") or 0)), "files": _files(found, outcome),
        "where": scope(found["wanted"]), "parameters": parameters(found["wanted"]),
        "checks": sorted(outcome["checks"], key=lambda c: c["ok"]),
    }  # fmt: skip


def _files(found: Json, outcome: Json) -> list[Json]:
    """What may be downloaded now: of a result that is withheld only the rows that were refused."""
    if found.get("expired_at") or found["status"] != "finished":
        return []
    made = outcome["files"] if found["handed_over"] else []
    refused = [{"form": "rejects", "size": None}] if (found.get("result") or {}).get("rows_rejected") else []
    return [
        {**f, "name": FILES[f["form"]], "file": FILE_NAMES[f["form"]]}
        for f in [*made, *refused]
        if f["form"] in FILE_NAMES
    ]


def parameters(wanted: Json) -> list[tuple[str, str]]:
    """With what else it was asked for, in words: the code where there is none."""
    return [_parameter(name, value) for name, value in (wanted.get("parameters") or {}).items()]


def _parameter(name: str, value: str) -> tuple[str, str]:
    plain = {"1": "是", "0": "否"}.get(value, value) if name in YES_OR_NO else value
    given = name.removeprefix("given.")
    return PARAMETERS.get(name, name if given == name else f"每行都一样的列 {given}"), plain


def scope(wanted: Json) -> str:
    """Whose rows were counted."""
    of = (("机构", wanted.get("institutions")), ("区划", wanted.get("districts")))
    return "; ".join(f"{name} {'、'.join(codes)}" for name, codes in of if codes) or "全部机构、全部区划"


def told(timeline: Sequence[Json]) -> list[Json]:
    """What happened to a run, the latest first: progress left out."""
    return [
        {
            "what": TOLD[event["type"]], "at": event["occurred_at"], "by": _by(event.get("actor") or {}),
            "detail": event.get("text") or event.get("reason") or FILES.get(event.get("form", ""), ""),
        }
        for event in reversed(timeline)
        if event["type"] in TOLD
    ]  # fmt: skip


def _by(actor: Json) -> str:
    return "系统" if actor.get("kind") == "system" else str(actor.get("name") or actor.get("id", ""))


def pages(count: int, offset: int, size: int = PAGE) -> Json:
    """Where a list of `count` lines stands: which lines are shown, and where the ones before and after begin."""
    last = min(offset + size, count)
    return {
        "first": min(offset + 1, count), "last": last, "count": count,
        "before": max(0, offset - size) if offset else None, "after": last if last < count else None,
    }  # fmt: skip
