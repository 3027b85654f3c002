"""专项 参保征缴: what section 5 of the domain page says, over rows, without SQL."""

from datetime import date, timedelta
from typing import Any

from tests.unit.stats.independent.a_plain import (
    Result,
    Row,
    Rows,
    arrived,
    by,
    crossed,
    day_of,
    employer_kind,
    grouped,
    heads,
    identities_on,
    measured,
    months,
    share,
    sums,
    total,
)  # fmt: skip


def resident_enrolment_payment(rows: Rows, since: date, until: date) -> Result:
    month = months(since, until)[1]
    participations = by(rows["psn_insu_d"], "psn_insu_rlts_id")
    identities = identities_on(rows, until - timedelta(days=1))
    facts = []
    for r in rows["rsdt_psn_clct_detl_d"]:
        p = participations.get(r["psn_insu_rlts_id"])
        if p and p["insutype"] == "390" and p["psn_insu_stas"] in ("1", "2") and arrived(r):
            covers = r["accrym_begn"] <= month <= r["accrym_end"]
            if covers and r["clct_time"] and day_of(r["clct_time"]) < until:
                identity = min(identities.get(r["psn_no"], {"普通居民"}))
                facts.append({**r, "insu_admdvs": p["insu_admdvs"], "psn_idet_type": identity})
    return measured(crossed(facts, "insu_admdvs", "psn_idet_type"), lambda found: _enrolled(found, since))


def _enrolled(facts: list[Row], since: date) -> dict[str, Any]:
    now = [f for f in facts if day_of(f["clct_time"]) >= since]
    return {
        "psn_cnt": heads(facts), "clct_cnt": len(facts),
        **sums(facts, "psn_clct_amt finsubs_amt oth_clct_amt clct_sumamt"),
        "arrived_cnt": len(now), "arrived_sumamt": total(now, "clct_sumamt"),
    }  # fmt: skip


def employee_payment(rows: Rows, since: date, until: date) -> Result:
    first, last = months(since, until)
    participations, people = by(rows["psn_insu_d"], "psn_insu_rlts_id"), by(rows["psn_info_b"], "psn_no")
    employers = by(rows["insu_emp_info_b"], "emp_no")
    facts = []
    for r in rows["staf_psn_clct_detl_d"]:
        p = participations.get(r["psn_insu_rlts_id"])
        if p is None or p["psn_insu_stas"] != "1" or not r["insutype"] == p["insutype"] == "310":
            continue
        if r["clct_type"] != "10" or not arrived(r) or not r["clct_time"] or day_of(r["clct_time"]) >= until:
            continue
        if r["accrym_end"] >= first and r["accrym_begn"] <= last:
            employer = employers.get(r["emp_no"])
            kind = employer_kind(employer["emp_type"]) if employer else "无单位"
            more = {"kind": kind, "retired": p["insutype_retr_flag"] != "0", "insu_admdvs": p["insu_admdvs"]}
            facts.append({**r, **more, "resd_natu": people.get(r["psn_no"], {}).get("resd_natu")})
    return measured(crossed(facts, "insu_admdvs", "kind"), _employed)


def _employed(facts: list[Row]) -> dict[str, Any]:
    amount = total(facts, "clct_sumamt")
    return {
        "emp_cnt": heads(facts, "emp_no"), "psn_cnt": heads(facts), "clct_cnt": len(facts), "wag": total(facts, "wag"),
        "working_cnt": heads(f for f in facts if not f["retired"]),
        "retired_cnt": heads(f for f in facts if f["retired"]),
        "rural_cnt": heads(f for f in facts if f["resd_natu"] in ("20", "21", "22")),
        "emp_clct_amt": total(facts, "emp_clct_amt"), "psn_clct_amt": total(facts, "psn_clct_amt"),
        "into_acct_amt": total(facts, "emp_clct_into_acct_amt") + total(facts, "psn_clct_into_acct_amt"),
        "late_amt": total(facts, "inte") + total(facts, "latefee"), "clct_sumamt": amount,
        "psn_average": share(amount, heads(facts), 2),
    }  # fmt: skip


def employer_payment_detail(rows: Rows, since: date, until: date, emp_no: str = "") -> Result:
    first, last = months(since, until)
    names = ("insu_admdvs", "emp_no", "accrym_begn", "insutype", "clct_type")
    facts = [
        r for r in rows["emp_clct_detl_d"]
        if r["revs_flag"] == "Z" and first <= r["accrym_begn"] <= last and emp_no in ("", r["emp_no"])
    ]  # fmt: skip
    return measured(
        grouped(facts, names, names, names[:2], names[:1], names[2:3], ()), lambda found: _due(found, until)
    )


def _due(facts: list[Row], until: date) -> dict[str, Any]:
    there = [f for f in facts if f["clct_flag"] == "1" and f["arvl_date"] is not None and f["arvl_date"] < until]
    found = sums(facts, "emp_clctstd_sumamt emp_clct_amt psn_clct_amt oth_clct_amt amt inte latefee")
    paid = total(there, "amt")
    return found | {
        "clct_cnt": len(facts), "clct_psncnt": sum(f["clct_psncnt"] or 0 for f in facts), "paid_amt": paid,
        "owed_amt": found["amt"] - paid, "into_acct_amt": total(there, "into_acct_amt"),
        "arvl_date": max((f["arvl_date"] for f in there), default=None),
    }  # fmt: skip


CHECKS = {
    "employee_payment": employee_payment,
    "employer_payment_detail": employer_payment_detail,
    "resident_enrolment_payment": resident_enrolment_payment,
}
