"""Assessment indicators in plain Python, each from the words of its formula: institutions, and the city's districts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.unit.stats.independent.b_judging import Meta, Parts, figures, flat, judged
from tests.unit.stats.independent.b_plain import (
    Lines,
    Row,
    Rows,
    by,
    care,
    days,
    heads,
    in_window,
    money,
    total,
    valid,
    valid_ever,
)  # fmt: skip

COST: Meta = {
    "A01": ("元", 1, -1), "A02": ("元", 1, -1), "A03": ("元", 1, -1), "A04": ("次/人", 1, -1), "A05": ("%", 100, -1),
    "A06": ("%", 100, -1), "A07": ("%", 100, -1), "A08": ("%", 100, -1), "A09": ("%", 100, -1), "A10": ("%", 100, -1),
    "A11": ("%", 100, 1), "A12": ("%", 100, 1), "A13": ("天", 1, -1), "A14": ("%", 100, 0), "A15": ("次/人", 1, 0),
    "A16": ("%", 100, -1),
}  # fmt: skip
CITY: Meta = {f"C{n:02}": ("%", 100, 0) for n in range(1, 18)} | {
    "C05": ("元", 1, 0), "C06": ("元", 1, 0), "C07": ("元", 1, 0), "C08": ("次/人", 1, 0), "C13": ("天", 1, 0),
    "C14": ("元", 1, 0),
}  # fmt: skip
SAME = {
    "C05": "A01", "C06": "A02", "C07": "A03", "C08": "A04", "C09": "A08", "C10": "A10", "C11": "A11", "C12": "A12",
}  # fmt: skip
"""Indicators of the city that are counted as those of an institution are."""


def institution_indicators(rows: Rows, since: date, until: date, region: str = "6201", item: str = "") -> Lines:
    chosen = valid(rows, since, until, region)
    fees = _fees(rows, chosen)
    parts = []
    for at, group in by(chosen, "fixmedins_code").items():
        lines = [f for r in group for f in fees[r["setl_id"]]]
        named = _costs(group) | _kinds(group, lines) | _item(group, lines, item)
        parts.append({(at, indicator): pair for indicator, pair in named.items()})
    parts.append(_readmitted(rows, since, until, region))
    return judged(rows, flat(parts), COST)


def city_indicators(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    chosen = valid(rows, since, until, region)
    basic = {r["fixmedins_code"] for r in rows["fixmedins_b"] if r["medinslv"] == "1"}
    insured = [
        r for r in rows["psn_insu_d"]
        if r["psn_insu_stas"] == "1" and r["insutype"] in {"310", "390"} and r["psn_insu_date"] < until
        and r["insu_admdvs"].startswith(region)
    ]  # fmt: skip
    fees, parts = _fees(rows, chosen), Parts()
    for place in {r["insu_admdvs"] for r in [*chosen, *insured]} | {""}:
        here = [r for r in chosen if place in ("", r["insu_admdvs"])]
        people = heads(r for r in insured if place in ("", r["insu_admdvs"]))
        lines = [f for r in here for f in fees[r["setl_id"]]]
        for indicator, pair in _city(here, people, lines, basic).items():
            parts[place, indicator] = pair
    return {(place or None, indicator): line for (place, indicator), line in figures(parts, CITY).items()}


def _costs(group: list[Row]) -> dict[str, tuple[Any, Any]]:
    fee, fund, stays = total(group, "medfee_sumamt"), total(group, "fund_pay_sumamt"), _stays(group)
    listed = fee - total(group, "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
    elsewhere = [r for r in group if r["fix_blng_admdvs"][:4] != r["insu_admdvs"][:4]]
    return {
        "A01": (fee, len(group)), "A02": (total(stays, "medfee_sumamt"), len(stays)), "A03": (listed, len(group)),
        "A04": (len(group), heads(group)), "A08": (total(stays, "fulamt_ownpay_amt"), total(stays, "medfee_sumamt")),
        "A09": (total(group, "fulamt_ownpay_amt"), fee), "A10": (sum(map(_borne, group), Decimal(0)), fee),
        "A11": (fund, fee), "A12": (fund, total(group, "inscp_amt")), "A13": (sum(map(days, stays)), len(stays)),
        "A14": (total(elsewhere, "fund_pay_sumamt"), fund),
    }  # fmt: skip


def _kinds(group: list[Row], lines: list[Row], first: int = 5, letter: str = "A") -> dict[str, tuple[Any, Any]]:
    """Drugs, tests and consumables of all fees; of an institution that sent its fee lines."""
    if not lines:
        return {}
    fee = total(group, "medfee_sumamt")
    chosen = (
        [r for r in lines if r["med_chrgitm_type"] in {"09", "10", "11"}],
        [r for r in lines if r["med_chrgitm_type"] in {"03", "04"}],
        [r for r in lines if r["list_type"].startswith("3")],
    )
    return {f"{letter}{first + n:02}": (total(c, "det_item_fee_sumamt"), fee) for n, c in enumerate(chosen)}


def _item(group: list[Row], lines: list[Row], item: str) -> dict[str, tuple[Any, Any]]:
    chosen = [r for r in lines if r["hilist_code"] == item]
    return {"A15": (total(chosen, "cnt"), heads(group))} if chosen else {}


def _readmitted(rows: Rows, since: date, until: date, region: str) -> Parts:
    """Discharges of the window after which the same person came back with the same diagnosis within 30 days."""
    visits = {r["mdtrt_id"]: r["dscg_maindiag_code"] for r in rows["mdtrt_d"]}
    stays = [r for r in _stays(valid_ever(rows, region)) if r["mdtrt_id"] in visits]
    known: dict[Any, list[Row]] = defaultdict(list)
    for r in stays:
        known[r["psn_no"], visits[r["mdtrt_id"]]].append(r)

    def back(row: Row) -> bool:
        diagnosis = visits[row["mdtrt_id"]]
        others = (o for o in known[row["psn_no"], diagnosis] if o["mdtrt_id"] != row["mdtrt_id"])
        return diagnosis is not None and any(0 <= (o["begndate"] - row["enddate"]).days <= 30 for o in others)

    now = [r for r in stays if in_window(r["setl_time"], since, until)]
    return {(at, "A16"): (sum(map(back, g)), len(g)) for at, g in by(now, "fixmedins_code").items()}


def _city(here: list[Row], people: int, lines: list[Row], basic: set[str]) -> dict[str, tuple[Any, Any]]:
    treated = [r for r in here if care(r) in {"1", "2", "3"}]
    fund = total(here, "fund_pay_sumamt")
    home = [r for r in here if r["fix_blng_admdvs"] == r["insu_admdvs"]]
    costs = _costs(here)
    return {
        "C01": (len(_stays(here)), people), "C03": (total(home, "fund_pay_sumamt"), fund), "C04": costs["A14"],
        "C02": (sum(1 for r in treated if r["fixmedins_code"] in basic), len(treated)), "C13": costs["A13"],
        "C14": (fund, people), **{city: costs[one] for city, one in SAME.items()}, **_kinds(here, lines, 15, "C"),
    }  # fmt: skip


def _borne(row: Row) -> Decimal:
    """自付 + 自费: the fee without the pooled fund and what comes on top of it for these people."""
    more = ("hifmi_pay", "maf_pay") if row["insutype"] == "390" else ("cvlserv_pay", "hifob_pay")
    return money(row["medfee_sumamt"]) - total([row], "hifp_pay", *more)


def _stays(rows: Iterable[Row]) -> list[Row]:
    return [r for r in rows if care(r) == "3"]


def _fees(rows: Rows, settled: list[Any]) -> dict[str, list[Row]]:
    wanted, found = {r["setl_id"] for r in settled}, defaultdict(list)
    for r in rows["fee_list_d"]:
        if r["vali_flag"] == "1" and r["setl_id"] in wanted:
            found[r["setl_id"]].append(r)
    return found


CHECKS: Mapping[str, Callable[..., Lines]] = {
    "institution_indicators": institution_indicators,
    "city_indicators": city_indicators,
}  # fmt: skip
