"""What institutions were paid in plain Python: disbursement, accounts and cash, and a hospital's own ledger."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.unit.stats.independent.b_plain import (
    Lines,
    Row,
    Rows,
    grouped,
    heads,
    in_window,
    money,
    month_in,
    total,
    valid,
)

FUNDS = {
    "emp_fund": ("3101",), "acct_fund": ("310200",), "civil_fund": ("32",), "large_fund": ("33",),
    "rsdt_fund": ("3901",), "rsdt_large_fund": ("3902",), "matn_fund": ("51",), "maf_fund": ("610100",),
}  # fmt: skip
INSURED = {"310": "职工", "510": "职工", "390": "居民", "340": "离休"}


def monthly_disbursement(rows: Rows, since: date, until: date) -> Lines:
    paid = [r for r in rows["medins_clr_sum_d"] if r["clr_stas"] == "60" and month_in(r["clr_ym"], since, until)]
    funds: dict[Any, list[Row]] = defaultdict(list)
    for r in rows["clred_fund_sbit_d"]:
        funds[r["fee_clr_id"], r["clr_appy_evt_id"]].append(r)
    names = _names(paid)

    def line(group: list[Row]) -> dict[str, Any]:
        amounts = ("medfee_sumamt", "fund_appy_sum", "dedu_amt", "dpst_sumamt", "act_dfr_amt")
        parts = [f for r in group for f in funds[r["fee_clr_id"], r["clr_appy_evt_id"]]]
        split = {name: total((f for f in parts if _of(f, heads_)), "fund_payamt") for name, heads_ in FUNDS.items()}
        other = total(parts, "fund_payamt") - sum(split.values(), Decimal(0))
        return {"clr_cnt": len(group), **{a: total(group, a) for a in amounts}, **split, "other_fund": other}

    by: list[Callable[[Row], str]] = [
        lambda r: str(r["clr_optins"]), lambda r: str(r["fixmedins_code"]), lambda r: names[r["fixmedins_code"]],
        lambda r: INSURED.get(r["insutype"], "其他"), lambda r: str(r["clr_ym"]),
    ]  # fmt: skip
    return grouped(paid, by, ("11111", "111--", "1----", "---1-", "-----"), line)


def card_payments(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    chosen = valid(rows, since, until, region)
    names = _names(chosen)

    def kind(row: Row) -> str:
        return {"H": "定点医疗机构", "P": "定点零售药店"}.get(row["fixmedins_code"][:1], "其他")

    def line(group: list[Row]) -> dict[str, Any]:
        return {
            "setl_cnt": len(group), "card_cnt": sum(1 for r in group if r["acct_pay"]), "psn_cnt": heads(group),
            "acct_pay": total(group, "acct_pay"), "acct_mulaid_pay": total(group, "acct_mulaid_pay"),
            "cash_payamt": total(group, "cash_payamt"), "paid_sumamt": total(group, "acct_pay", "cash_payamt"),
        }  # fmt: skip

    by = [kind, lambda r: str(r["fixmedins_code"]), lambda r: names[r["fixmedins_code"]]]
    return grouped(chosen, by, ("111", "1--", "---"), line)


def settlement_summary(rows: Rows, since: date, until: date) -> Lines:
    chosen = [r for r in rows["hospital_ledger"] if in_window(r["setl_time"], since, until)]

    def line(group: list[Row]) -> dict[str, Any]:
        back = sum(1 for r in group if r["refd_setl_flag"] == "1" and money(r["medfee_sumamt"]) < 0)
        amounts = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "cash_payamt")
        return {"setl_cnt": len(group) - back, "refd_cnt": back, **{a: total(group, a) for a in amounts}}

    by: list[Callable[[Row], str]] = [
        lambda r: str(r["insutype"]), lambda r: str(r["clr_type"]), lambda r: str(r["setl_optins"]),
    ]  # fmt: skip
    return grouped(chosen, by, ("111", "---"), line)


def _names(rows: list[Any]) -> dict[str, str]:
    """One name for each institution, whatever it was called in between."""
    found: dict[str, str] = {}
    for r in rows:
        found[r["fixmedins_code"]] = max(found.get(r["fixmedins_code"], ""), r["fixmedins_name"] or "")
    return found


def _of(fund: Row, beginnings: tuple[str, ...]) -> bool:
    return bool(fund["poolarea_fund_pay_type"].startswith(beginnings))


CHECKS: Mapping[str, Callable[..., Lines]] = {
    "monthly_disbursement": monthly_disbursement, "card_payments": card_payments,
    "settlement_summary": settlement_summary,
}  # fmt: skip
