"""The desk's own reports computed again in plain Python, from the words of their definitions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
Lines = dict[tuple[Any, ...], dict[str, Any]]
Measure = Callable[[list[Row]], dict[str, Any]]


def desk_load(rows: Rows, since: date, until: date, grain: str = "day") -> Lines:
    def day(row: Row) -> str:
        return str(row["opened_on"])[: 7 if grain == "month" else 10]

    def measure(cases: list[Row]) -> dict[str, Any]:
        return {
            "case_cnt": len(cases), "message_cnt": sum(c["message_cnt"] for c in cases),
            "fault_cnt": _count(cases, kind="fault"), "urgent_cnt": _count(cases, priority="urgent"),
            "done_cnt": sum(c["state"] in ("resolved", "closed") for c in cases),
            "institution_cnt": len({c["fixmedins_code"] for c in cases} - {None}),
        }  # fmt: skip

    keyed = [((_or(c["channel"], "未登记"), day(c)), c) for c in _cases(rows, since, until)]
    return _grouped(keyed, (2, 1, 0), measure)


def desk_response(rows: Rows, since: date, until: date, within: str = "30") -> Lines:
    def measure(cases: list[Row]) -> dict[str, Any]:
        answers = sorted(c["response_min"] for c in cases if c["response_min"] is not None)
        solved = sorted(c["resolve_min"] for c in cases if c["resolve_min"] is not None)
        quick = sum(minutes <= Decimal(within) for minutes in answers)
        return {
            "case_cnt": len(cases), "responded_cnt": len(answers), "within_cnt": quick,
            "within_rate": _share(quick, len(cases)), "response_median": _quantile(answers, 5),
            "response_p90": _quantile(answers, 9), "resolved_cnt": len(solved),
            "resolve_median": _quantile(solved, 5), "resolve_p90": _quantile(solved, 9),
        }  # fmt: skip

    keyed = [((_or(c["category"], "未归类"),), c) for c in _cases(rows, since, until)]
    return {key: line for key, line in _grouped(keyed, (1, 0), measure).items() if line["case_cnt"]}


def desk_attainment(rows: Rows, since: date, until: date) -> Lines:
    def key(c: Row) -> tuple[str, ...]:
        return c["clock"], _or(c["policy"], "未登记"), _or(c["fixmedins_code"], "未登记"), str(c["started_on"])[:7]

    def measure(cycles: list[Row]) -> dict[str, Any]:
        kept, late = _count(cycles, outcome="kept"), _count(cycles, outcome="late")
        return {
            "cycle_cnt": len(cycles), "kept_cnt": kept, "late_cnt": late, "kept_rate": _floored(kept, late),
            "open_cnt": _count(cycles, outcome="open"), "void_cnt": _count(cycles, outcome="void"),
        }  # fmt: skip

    keyed = [(key(c), c) for c in rows["desk_clock"] if since <= c["started_on"] < until]
    return _grouped(keyed, (4, 3, 2, 0), measure)


def desk_categories(rows: Rows, since: date, until: date) -> Lines:
    cases = _cases(rows, since, until)

    def measure(some: list[Row]) -> dict[str, Any]:
        return {
            "case_cnt": len(some), "share": _share(len(some), len(cases)),
            "done_cnt": sum(c["state"] in ("resolved", "closed") for c in some),
            "escalated_cnt": sum(c["escalated_to"] is not None for c in some),
            "reopened_cnt": sum(c["reopen_cnt"] > 0 for c in some), "outage_cnt": _count(some, outage_flag="1"),
            "corrected_cnt": _count(some, category_by="staff"),
        }  # fmt: skip

    keyed = [((_or(c["category"], "未归类"), _or(c["kind"], "consultation")), c) for c in cases]
    return _grouped(keyed, (2, 1, 0), measure)


def desk_institutions(rows: Rows, since: date, until: date) -> Lines:
    def measure(cases: list[Row]) -> dict[str, Any]:
        quick = sum(c["response_min"] is not None and c["response_min"] <= 30 for c in cases)
        return {
            "case_cnt": len(cases), "message_cnt": sum(c["message_cnt"] for c in cases),
            "fault_cnt": _count(cases, kind="fault"),
            "pressing_cnt": sum(c["priority"] in ("urgent", "high") for c in cases),
            "open_cnt": sum(c["state"] not in ("resolved", "closed") for c in cases),
            "escalated_cnt": sum(c["escalated_to"] is not None for c in cases),
            "outage_cnt": _count(cases, outage_flag="1"), "visit_cnt": sum(c["visit_cnt"] for c in cases),
            "within_cnt": quick, "within_rate": _share(quick, len(cases)),
        }  # fmt: skip

    keyed = [((_or(c["fixmedins_code"], "未登记"),), c) for c in _cases(rows, since, until)]
    return _grouped(keyed, (1, 0), measure)


def desk_engineers(rows: Rows, since: date, until: date) -> Lines:
    def measure(acts: list[Row]) -> dict[str, Any]:
        own = [a for a in acts if a["act"] not in ("opened", "assigned")]
        return {
            "case_cnt": len({a["case_id"] for a in own}),
            "assigned_cnt": len({a["case_id"] for a in acts if a["act"] in ("opened", "assigned")}),
            "reply_cnt": _count(own, act="responded"),
            "resolved_cnt": len({a["case_id"] for a in own if a["act"] == "resolved"}),
            "escalated_cnt": _count(own, act="escalated"), "chase_cnt": _count(own, act="chased"),
            "visit_cnt": _count(own, act="visited", detail="arrived"), "act_cnt": len(own),
        }  # fmt: skip

    acts = [a for a in rows["desk_act"] if since <= a["acted_on"] < until and a["engineer"] is not None]
    return _grouped([((a["engineer"],), a) for a in acts], (1, 0), measure)


def desk_trainings(rows: Rows, since: date, until: date) -> Lines:
    def measure(some: list[Row]) -> dict[str, Any]:
        said = [t["satisfaction"] for t in some if t["satisfaction"] is not None]
        happy = sum(word in ("很满意", "满意") for word in said)
        return {
            "training_cnt": len(some), "held_cnt": sum(t["held_on"] is not None for t in some),
            "attendance_cnt": sum(t["attendance"] or 0 for t in some),
            "completed_cnt": _count(some, state="completed"), "cancelled_cnt": _count(some, state="cancelled"),
            "rated_cnt": len(said), "satisfied_cnt": happy, "satisfied_rate": _share(happy, len(said)),
        }  # fmt: skip

    found = [t for t in rows["desk_training"] if since <= t["training_on"] < until and t["state"] != "merged"]
    keyed = [((_or(t["fixmedins_code"], "未登记"), _or(t["mode"], "未登记")), t) for t in found]
    return _grouped(keyed, (2, 1, 0), measure)


def desk_knowledge(rows: Rows, since: date, until: date) -> Lines:
    def measure(some: list[Row]) -> dict[str, Any]:
        days = [r for r in some if "article_id" in r and "day" in r]
        made = [r for r in some if "made_on" in r and since <= r["made_on"] < until]
        judged = [r for r in some if r.get("judged_on") and since <= r["judged_on"] < until]
        adopted, refused = (
            sum(r["verdict"] in ("accepted", "edited") for r in judged),
            _count(judged, verdict="rejected"),
        )
        return {
            "born_cnt": _sum(days, "born_cnt"), "published_cnt": _sum(days, "published_cnt"),
            "gone_cnt": _sum(days, "retired_cnt") + _sum(days, "merged_cnt"), "viewed_cnt": _sum(days, "viewed_cnt"),
            "helpful_cnt": _sum(days, "helpful_cnt"), "unhelpful_cnt": _sum(days, "unhelpful_cnt"),
            "suggested_cnt": len(made), "adopted_cnt": adopted, "refused_cnt": refused,
            "adopted_rate": _share(adopted, adopted + refused),
        }  # fmt: skip

    days = [r for r in rows["desk_article_day"] if since <= r["day"] < until]
    offers = [
        r for r in rows["desk_suggestion"]
        if since <= r["made_on"] < until or (r["judged_on"] and since <= r["judged_on"] < until)
    ]  # fmt: skip
    return _grouped([((_or(r["category"], "未归类"),), r) for r in (*days, *offers)], (1, 0), measure)


def desk_obligations(rows: Rows, since: date, until: date) -> Lines:
    def measure(items: list[Row]) -> dict[str, Any]:
        kept, late = _count(items, outcome="kept"), _count(items, outcome="late")
        return {
            "item_cnt": len(items), "kept_cnt": kept, "late_cnt": late, "kept_rate": _floored(kept, late),
            "exempted_cnt": _count(items, outcome="exempted"), "open_cnt": _count(items, outcome="open"),
            "done_cnt": _sum(items, "done_cnt"), "of_cnt": _sum(items, "of_cnt"),
            "evidence_cnt": _sum(items, "evidence_cnt"),
        }  # fmt: skip

    due = [o for o in rows["desk_obligation"] if since <= o["due_on"] < until]
    return _grouped([((o["definition"], o["period"], o["item"]), o) for o in due], (3, 2, 1, 0), measure)


def settlement_list_upload(rows: Rows, since: date, until: date) -> Lines:
    def measure(some: list[Row]) -> dict[str, Any]:
        newest = {(r["fixmedins_code"], r["setl_month"]): r for r in sorted(some, key=lambda r: r["stt_date"])}.values()
        need, done = _sum(newest, "need_upld_cnt"), _sum(newest, "upld_cnt")
        passed, grouped = _sum(newest, "qltctrl_pass_cnt"), _sum(newest, "grp_cnt")
        return {
            "need_upld_cnt": need, "upld_cnt": done, "left_cnt": need - done, "upld_rate": _share(done, need),
            "qltctrl_pass_cnt": passed, "qltctrl_rate": _share(passed, done), "grp_cnt": grouped,
            "grp_rate": _share(grouped, done),
        }  # fmt: skip

    told = [r for r in rows["setl_list_upload"] if since <= r["stt_date"] < until]
    return _grouped([((r["fixmedins_code"], r["setl_month"], r["stt_date"]), r) for r in told], (3, 2, 0), measure)


def _cases(rows: Rows, since: date, until: date) -> list[Row]:
    return [c for c in rows["desk_case"] if since <= c["opened_on"] < until and c["state"] != "merged"]


def _grouped(keyed: Iterable[tuple[tuple[Any, ...], Row]], kept: Sequence[int], measure: Measure) -> Lines:
    """Lines for each number of leading dimensions in `kept`; the total is there even of nothing."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for key, row in keyed:
        for n in kept:
            groups.setdefault((*key[:n], *[None] * (len(key) - n)), []).append(row)
    groups.setdefault((None,) * kept[0], [])
    return {key: measure(rows) for key, rows in groups.items()}


def _count(rows: Iterable[Row], **wanted: str) -> int:
    return sum(all(row[name] == value for name, value in wanted.items()) for row in rows)


def _sum(rows: Iterable[Row], name: str) -> int:
    return sum(row[name] or 0 for row in rows)


def _or(value: str | None, otherwise: str) -> str:
    return otherwise if value is None else value


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.000001"), ROUND_HALF_UP) if whole else None


def _floored(kept: int, late: int) -> Decimal | None:
    return (Decimal(kept) / (kept + late)).quantize(Decimal("0.0001"), ROUND_FLOOR) if kept + late else None


def _quantile(ordered: Sequence[Decimal], tenths: int) -> Decimal | None:
    """The smallest value that at least so many tenths of all do not exceed."""
    return next((value for n, value in enumerate(ordered, 1) if n * 10 >= tenths * len(ordered)), None)


CHECKS: dict[str, Callable[..., Lines]] = {
    f.__name__: f
    for f in (
        desk_load, desk_response, desk_attainment, desk_categories, desk_institutions, desk_engineers, desk_trainings,
        desk_knowledge, desk_obligations, settlement_list_upload,
    )
}  # fmt: skip
