"""Treatment in other cities in plain Python: who registered for it, and what was settled there."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.unit.stats.independent.b_plain import Lines, Row, Rows, care, grouped, heads, in_window, share, total, valid


def cross_region_registration(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    known = [
        r for r in rows["out_appy_d"]
        if r["vali_flag"] == "1" and r["insu_admdvs"].startswith(region) and in_window(r["crte_time"], date.min, until)
    ]  # fmt: skip
    last_day = until - timedelta(days=1)

    def fresh(row: Row) -> bool:
        return in_window(row["crte_time"], since, until)

    def in_force(row: Row) -> bool:
        return bool(row["begndate"] <= last_day and (row["enddate"] is None or row["enddate"] >= last_day))

    def line(group: list[Row]) -> dict[str, Any]:
        new = [r for r in group if fresh(r)]
        return {"reg_cnt": len(new), "psn_cnt": heads(new), "in_force_cnt": heads(filter(in_force, group))}

    by: list[Callable[[Row], str]] = [
        lambda r: str(r["insutype"]), lambda r: r["insutype_retr_flag"] or "未填", lambda r: str(r["rloc_rea"]),
        lambda r: _reach(r, "rloc_admdvs"), lambda r: str(r["rloc_admdvs"]),
    ]  # fmt: skip
    chosen = [r for r in known if fresh(r) or in_force(r)]
    return grouped(chosen, by, ("11111", "1111-", "1----", "--1--", "---1-", "-----"), line)


def cross_region_settlement(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    outside = [r for r in valid(rows, since, until, region) if r["fix_blng_admdvs"][:4] != r["insu_admdvs"][:4]]
    registered: dict[Any, list[Row]] = defaultdict(list)
    for r in rows["out_appy_d"]:
        if r["vali_flag"] == "1":
            registered[r["psn_no"], r["insutype"]].append(r)

    def reason(row: Row) -> str:
        mine = [
            r for r in registered[row["psn_no"], row["insutype"]]
            if r["begndate"] <= row["begndate"] and (r["enddate"] is None or r["enddate"] >= row["begndate"])
        ]  # fmt: skip
        return str(max(mine, key=lambda r: (r["crte_time"], r["evtsn"]))["rloc_rea"]) if mine else "未备案"

    def way(row: Row) -> str:
        return "零星报销" if row["pay_loc"] == "1" else "直接结算"

    by = [lambda r: _reach(r, "fix_blng_admdvs"), way, reason, care]
    return grouped(outside, by, ("1111", "11--", "1---", "--1-", "---1", "----"), _paid)


def _reach(row: Row, where: str) -> str:
    return "省内" if row[where][:2] == row["insu_admdvs"][:2] else "跨省"


def _paid(group: list[Row]) -> dict[str, Any]:
    fee, fund = total(group, "medfee_sumamt"), total(group, "fund_pay_sumamt")
    return {
        "setl_cnt": len(group), "psn_cnt": heads(group), "medfee_sumamt": fee, "hifp_pay": total(group, "hifp_pay"),
        "fund_pay_sumamt": fund, "acct_pay": total(group, "acct_pay"), "cash_payamt": total(group, "cash_payamt"),
        "zifei": total(group, "fulamt_ownpay_amt"), "avg_fee": share(fee, len(group), 2),
        "fund_share": share(fund, fee, 6),
    }  # fmt: skip


CHECKS: Mapping[str, Callable[..., Lines]] = {
    "cross_region_registration": cross_region_registration, "cross_region_settlement": cross_region_settlement,
}  # fmt: skip
