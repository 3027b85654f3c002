"""专项 基金收支: what section 5 of the domain page says, over rows, without SQL."""

from datetime import date
from typing import Any

from tests.unit.stats.independent.a_plain import (
    Result,
    Row,
    Rows,
    arrived,
    by,
    crossed,
    heads,
    measured,
    share,
    sums,
    total,
    valid_settlements,
    within,
)  # fmt: skip

INPATIENT = {"21", "13", "22", "23", "24", "52", "92"}


def account_expenditure(rows: Rows, since: date, until: date, region: str = "6201") -> Result:
    paid = [s for s in valid_settlements(rows, since, until, region) if s["acct_pay"] != 0]
    groups = crossed([{**s, "care": _care(s)} for s in paid], "insu_admdvs", "care")
    return measured(groups, _account)


def _care(settlement: Row) -> str:
    kind, pharmacy = settlement["med_type"], settlement["fixmedins_code"].startswith("P")
    if pharmacy:
        return "4" if kind in ("14", "41") else "9"
    if kind in ("11", "12", "51"):
        return "1"
    if kind == "14" or kind.startswith("91"):
        return "2"
    return "3" if kind in INPATIENT or kind.startswith("21") else "9"


def _account(facts: list[Row]) -> dict[str, Any]:
    account, shared = total(facts, "acct_pay"), total(facts, "acct_mulaid_pay")
    return {
        "setl_cnt": len(facts), "psn_cnt": heads(facts), "acct_pay": account, "own_pay": account - shared,
        "acct_mulaid_pay": shared, "mulaid_share": share(shared, account),
    }  # fmt: skip


def medical_fund_expenditure(rows: Rows, since: date, until: date, region: str = "6201") -> Result:
    return measured(crossed(valid_settlements(rows, since, until, region), "insu_admdvs", "insutype"), _funds)


def _funds(facts: list[Row]) -> dict[str, Any]:
    found = sums(facts, "medfee_sumamt hifp_pay hifmi_pay hifob_pay cvlserv_pay hifes_pay maf_pay fund_pay_sumamt")
    other = total(facts, "hifdm_pay") + total(facts, "othfund_pay")
    part = share(found["fund_pay_sumamt"], found["medfee_sumamt"])
    return {"setl_cnt": len(facts), "psn_cnt": heads(facts), **found, "other_pay": other, "fund_share": part}


def regional_medical_fund(rows: Rows, since: date, until: date, region: str = "6201") -> Result:
    valid = [
        {**s, "fix_blng_admdvs": s["fix_blng_admdvs"] or "未填"} for s in valid_settlements(rows, since, until, region)
    ]
    return measured(crossed(valid, "insu_admdvs", "fix_blng_admdvs"), _regional)


def _regional(facts: list[Row]) -> dict[str, Any]:
    city = total((f for f in facts if _same(f, 4)), "fund_pay_sumamt")
    province = total((f for f in facts if _same(f, 2) and not _same(f, 4)), "fund_pay_sumamt")
    abroad = total((f for f in facts if not _same(f, 2)), "fund_pay_sumamt")
    return {
        "setl_cnt": len(facts), "psn_cnt": heads(facts),
        **sums(facts, "medfee_sumamt inscp_amt fund_pay_sumamt acct_pay cash_payamt"),
        "city_fund": city, "province_fund": province, "abroad_fund": abroad,
        "outside_share": share(province + abroad, total(facts, "fund_pay_sumamt")),
    }  # fmt: skip


def _same(settlement: Row, digits: int) -> bool:
    return bool(settlement["insu_admdvs"][:digits] == settlement["fix_blng_admdvs"][:digits])


def account_allocation(rows: Rows, since: date, until: date) -> Result:
    participations = by(rows["psn_insu_d"], "psn_insu_rlts_id")
    flags: dict[str, str] = {}
    for p in rows["psn_insu_d"]:
        if p["insutype"] == "310" and p["psn_insu_stas"] not in ("0", "3"):
            flags[p["psn_no"]] = max(flags.get(p["psn_no"], ""), p["insutype_retr_flag"])
    facts: list[Row] = []
    for r in rows["staf_psn_clct_detl_d"]:
        mine = participations.get(r["psn_insu_rlts_id"])
        if mine and r["insutype"] == mine["insutype"] == "310" and arrived(r) and within(r["clct_time"], since, until):
            facts.append({**r, "insutype_retr_flag": mine["insutype_retr_flag"], "booked": False})
    for a in rows["acct_inc_detl_d"]:
        if a["insutype"] == "310" and within(a["crte_time"], since, until):
            facts.append({**a, "insutype_retr_flag": flags.get(a["psn_no"], "未填"), "booked": True})
    return measured(crossed(facts, "insu_admdvs", "insutype_retr_flag"), _allocated)


def _allocated(facts: list[Row]) -> dict[str, Any]:
    paid, booked = [f for f in facts if not f["booked"]], [f for f in facts if f["booked"]]
    employer, person = total(paid, "emp_clct_into_acct_amt"), total(paid, "psn_clct_into_acct_amt")
    return {
        "psn_cnt": heads(paid), "emp_clct_into_acct_amt": employer, "psn_clct_into_acct_amt": person,
        "into_acct_amt": employer + person, "psn_average": share(employer + person, heads(paid), 2),
        "booked_cnt": heads(booked), "inc_sumamt": total(booked, "inc_sumamt"),
        "repaired_amt": total((b for b in booked if b["acct_incexpd_type"] == "3"), "inc_sumamt"),
    }  # fmt: skip


CHECKS = {
    "account_allocation": account_allocation,
    "account_expenditure": account_expenditure,
    "medical_fund_expenditure": medical_fund_expenditure,
    "regional_medical_fund": regional_medical_fund,
}
