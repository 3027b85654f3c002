"""Indicators of grouping, settlement lists and review in plain Python, each from the words of its formula."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.unit.stats.independent.b_judging import Meta, Parts, flat, judged
from tests.unit.stats.independent.b_plain import Lines, Row, Rows, by, in_window, month_in, share, total

QUALITY: Meta = {
    "B01": ("", 1, 1), "B02": ("", 1, -1), "B03": ("", 1, -1), "B04": ("%", 100, 1), "B05": ("%", 100, 1),
    "B06": ("%", 100, 1), "B07": ("元", 1, -1), "B08": ("%", 100, -1),
}  # fmt: skip


def institution_quality_indicators(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    here = [r for r in rows["drg_case"] if r["insu_admdvs"].startswith(region)]
    cases = [r for r in here if in_window(r["setl_time"], since, until)]
    parts = flat([_grouping(cases), _lists(rows, since, until), _review(rows, since, until, region)])
    return judged(rows, parts, QUALITY)


def _grouping(cases: list[Row]) -> Parts:
    city, found = by(cases, "grp_code"), Parts()
    for at, mine in by(cases, "fixmedins_code").items():
        n = len(mine)
        found[at, "B01"] = (total(mine, "wt"), n)
        found[at, "B02"] = (_consumed(mine, city, "fee"), n)
        found[at, "B03"] = (_consumed(mine, city, "ipt_days"), n)
        found[at, "B07"] = (total(mine, "fund_acct_amt") - total(mine, "std_pay_amt"), n)
    return found


def _consumed(mine: list[Row], city: Mapping[str, list[Row]], what: str) -> Decimal:
    """Each group's own mean over the city's, once for every case of it; a group's part is rounded to four places."""
    parts = Decimal(0)
    for code, group in by(mine, "grp_code").items():
        everyone = city[code]
        parts += share(total(group, what) * len(everyone), total(everyone, what), 4) or 0
    return parts


def _lists(rows: Rows, since: date, until: date) -> Parts:
    latest: dict[Any, Row] = {}
    for r in rows["setl_list_upload"]:
        key = r["fixmedins_code"], r["setl_month"]
        if month_in(r["setl_month"], since, until) and (key not in latest or r["stt_date"] > latest[key]["stt_date"]):
            latest[key] = r
    found = Parts()
    for at, group in by(latest.values(), "fixmedins_code").items():
        sent = total(group, "upld_cnt")
        found[at, "B04"] = (sent, total(group, "need_upld_cnt"))
        found[at, "B05"] = (total(group, "qltctrl_pass_cnt"), sent)
        found[at, "B06"] = (total(group, "grp_cnt"), sent)
    return found


def _review(rows: Rows, since: date, until: date, region: str) -> Parts:
    here = [r for r in rows["medins_clr_sum_d"] if r["clr_optins"].startswith(region)]
    cleared = by((r for r in here if month_in(r["clr_ym"], since, until)), "fixmedins_code")
    return {(at, "B08"): (total(g, "dedu_amt"), total(g, "fund_appy_sum")) for at, g in cleared.items()}


CHECKS: Mapping[str, Callable[..., Lines]] = {"institution_quality_indicators": institution_quality_indicators}
