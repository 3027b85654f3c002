"""基金收支报表: income, two bases of expenditure and the ledger, over rows, without SQL."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from tests.unit.stats.independent.a_plain import (
    NONE,
    Result,
    Row,
    Rows,
    arrived,
    crossed,
    measured,
    months,
    share,
    total,
    valid_settlements,
    within,
)  # fmt: skip

INCOME = ("emp_clct_amt", "psn_clct_amt", "finsubs_amt", "oth_clct_amt", "inte", "latefee", "traf_sumamt")
FUNDS = ("hifp_pay", "hifmi_pay", "hifob_pay", "cvlserv_pay", "maf_pay")
Place = tuple[str, str]


def fund_income_expenditure(rows: Rows, since: date, until: date, region: str = "6201") -> Result:
    found: dict[Place, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NONE))
    ledgers: dict[Place, list[Row]] = defaultdict(list)
    first, last = months(since, until)
    for table in ("staf_psn_clct_detl_d", "rsdt_psn_clct_detl_d"):
        for r in rows[table]:
            if arrived(r) and within(r["clct_time"], since, until):
                _add(found[r["insutype"], r["insu_admdvs"]], {name: r.get(name) for name in INCOME})
    for s in valid_settlements(rows, since, until, ""):
        other = (s["hifes_pay"] or NONE) + (s["hifdm_pay"] or NONE) + (s["othfund_pay"] or NONE)
        odd = s["fund_pay_sumamt"] if s["pay_loc"] == "1" else NONE
        mine = {name: s[name] for name in (*FUNDS, "acct_pay")} | {"other_pay": other, "odd_pay": odd}
        _add(found[s["insutype"], s["insu_admdvs"]], mine)
    for a in rows["matn_alwn_crtf_d"]:
        if a["vali_flag"] == "1" and within(a["crte_time"], since, until):
            _add(found[a["insutype"], a["insu_admdvs"]], {"matn_alwn_sumamt": a["matn_alwn_sumamt"]})
    for c in rows["medins_clr_sum_d"]:
        if c["clr_stas"] == "60" and first <= c["clr_ym"] <= last:
            mine = {"act_dfr_amt": c["act_dfr_amt"], "dpst_sumamt": c["dpst_sumamt"], "clr_acct_pay": c["acct_pay"]}
            _add(found[c["insutype"], c["clr_optins"]], mine)
    for line in rows["fund_ledger"]:
        if first <= line["month"] <= last:
            place = line["insutype"], line["insu_admdvs"]
            _add(found[place], {})
            ledgers[place].append(line)
    facts = [
        {"insutype": place[0], "insu_admdvs": place[1], "sums": mine, "ledger": ledgers[place]}
        for place, mine in found.items() if place[1].startswith(region)
    ]  # fmt: skip
    return measured(crossed(facts, "insutype", "insu_admdvs"), _balance)


def _add(found: dict[str, Decimal], more: dict[str, Decimal | None]) -> None:
    for name, amount in more.items():
        found[name] += amount or NONE


def _balance(facts: list[Row]) -> dict[str, Any]:
    def amount(name: str) -> Decimal:
        return sum((f["sums"][name] for f in facts), NONE)

    names = (*INCOME, *FUNDS, "other_pay", "acct_pay", "matn_alwn_sumamt", "odd_pay", "act_dfr_amt", "clr_acct_pay")
    found: dict[str, Any] = {name: amount(name) for name in (*names, "dpst_sumamt")}
    income = sum((found[name] for name in INCOME), NONE)
    settled = sum((found[name] for name in (*FUNDS, "other_pay", "acct_pay", "matn_alwn_sumamt")), NONE)
    disbursed = found["act_dfr_amt"] + found["clr_acct_pay"] + found["odd_pay"] + found["matn_alwn_sumamt"]
    return found | _ledger([line for f in facts for line in f["ledger"]]) | {
        "income": income, "settled_pay": settled, "settled_balance": income - settled,
        "disbursed_pay": disbursed, "disbursed_balance": income - disbursed,
    }  # fmt: skip


def _ledger(lines: list[Row]) -> dict[str, Any]:
    """Expenditure, the last balance of every fund, and how many months it lasts at the ledger's pace."""
    if not lines:
        return {"ledger_pay": None, "closing_balance": None, "payable_months": None}
    last: dict[tuple[str, ...], Row] = {}
    for line in sorted(lines, key=lambda line: line["month"]):
        last[line["fund"], line["insutype"], line["insu_admdvs"]] = line
    spent, left = total(lines, "expenditure"), total(last.values(), "closing_balance")
    lasts = share(left * len({line["month"] for line in lines}), spent, 2)
    return {"ledger_pay": spent, "closing_balance": left, "payable_months": lasts}


CHECKS = {"fund_income_expenditure": fund_income_expenditure}
