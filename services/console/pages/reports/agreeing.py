"""Versions of a definition as they are agreed on: whose turn it is, what he may do, what differs. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chassis.token import Principal

Json = dict[str, Any]
STEPS: Final = {"confirm": "确认", "return": "退回", "approve": "审批", "enforce": "生效", "retire": "停用"}
_NEXT: Final = {"draft": "待科室确认", "confirmed": "待审批", "approved": "待生效"}


def overview(agreements: Sequence[Json], titles: Mapping[str, str]) -> list[Json]:
    """A row for each report with its newest version; what waits for somebody comes first."""
    rows = []
    for agreed in agreements:
        newest = agreed["versions"][0]
        title = titles.get(agreed["report"], newest["title"])
        waits = _NEXT.get(newest["status"], "")
        rows.append({**newest, "report": agreed["report"], "title": title, "count": len(agreed["versions"])} | {
            "waits": waits, "last": newest["steps"][-1] if newest["steps"] else None,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (not row["waits"], row["title"]))


def versions(found: Sequence[Json], in_force: Json | None, who: Principal) -> list[Json]:
    """The newest first, each with the steps that `who` may take; what ships stands last where it is in force."""
    shown = [{**v, "may": steps(v, who)} for v in found]
    if in_force is not None and all(v["hash"] != in_force["definition_hash"] for v in found):
        shipped = {
            "hash": in_force["definition_hash"], "title": in_force["title"], "status": "in_force",
            "status_name": "随产品提供, 生效", "drafted_by": "", "steps": [], "may": [], "department": "",
        }  # fmt: skip
        shown.append(shipped)
    return shown


def steps(version: Json, who: Principal) -> list[str]:
    """What he may do with it now: the officer confirms, the lead approves, and nobody his own."""
    status, own = version["status"], who.account == version["drafted_by"]
    lead, officer = who.role == "lead", who.role == "officer" and not who.districts
    may = {
        "confirm": officer and status == "draft" and not own,
        "approve": lead and status == "confirmed" and not own and who.account != version["confirmed_by"],
        "return": (lead or officer) and status in ("confirmed", "approved"),
        "enforce": lead and status == "approved",
        "retire": lead and status != "retired",
    }
    return [step for step, allowed in may.items() if allowed]


def compared(shown: Sequence[Json], before: str, after: str) -> tuple[str, str]:
    """Which two are compared: those asked for, else the newest against the one in force, else against the next."""
    known = [v["hash"] for v in shown]
    force = next((v["hash"] for v in shown if v["status"] == "in_force"), known[-1] if known else "")
    new = after if after in known else (known[0] if known else "")
    old = before if before in known else force
    return (old, new) if old != new or before else (known[min(1, len(known) - 1)] if known else "", new)


def title_of(shown: Sequence[Json], report: str) -> str:
    return str(shown[0]["title"]) if shown else report


def lines(diff: Json | None) -> list[tuple[str, str]]:
    """The lines of the SQL's difference with what each is: added, removed, place, same."""
    if diff is None:
        return []
    return [(_kind(line), line) for line in diff["sql"] if not line.startswith(("---", "+++"))]


def _kind(line: str) -> str:
    return {"+": "added", "-": "removed", "@": "place"}.get(line[:1], "same")
