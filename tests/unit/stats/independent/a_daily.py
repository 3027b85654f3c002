"""日常汇报: what section 5 of the domain page says, over rows, without SQL."""

from datetime import date
from typing import Any

from tests.unit.stats.independent.a_plain import (
    NONE,
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
    measured,
    months,
    share,
    sums,
    total,
    valid_settlements,
    within,
)  # fmt: skip

STATES = ("joined", "paused", "paid", "treated")


def insured_persons(
    rows: Rows, since: date, until: date, region: str = "6201", clock: str = "setl_time"
) -> Result:  # fmt: skip
    people, employers = by(rows["psn_info_b"], "psn_no"), by(rows["insu_emp_info_b"], "emp_no")
    facts: list[Row] = []
    for p in rows["psn_insu_d"]:
        if p["psn_insu_stas"] not in ("0", "3"):
            person, employer = people.get(p["psn_no"], {}), employers.get(p["emp_no"])
            employed = employer_kind(employer["emp_type"] if employer else None) if p["emp_no"] else None
            facts.append({
                **p, "is": _states(p, since, until), "gend": person.get("gend"), "resd_natu": person.get("resd_natu"),
                "age": _age(person.get("brdy"), until), "kind": employed,
            })  # fmt: skip
        elif within(p["paus_insu_date"], since, until):
            facts.append({**p, "is": {"paused"}})
    facts += [{**r, "is": {"paid"}} for r in _payers(rows, since, until)]
    treated = valid_settlements(rows, since, until, region, clock)
    facts += [{**s, "is": {"treated"}} for s in treated if (s["hifp_pay"] or NONE) > 0]
    inside = [f for f in facts if f["insu_admdvs"].startswith(region)]
    return measured(crossed(inside, "insu_admdvs", "insutype"), _counted)


def _states(p: Row, since: date, until: date) -> set[str]:
    later = p["paus_insu_date"] is not None and p["paus_insu_date"] >= until
    stays = p["psn_insu_stas"] == "1" or (p["insutype"], p["psn_insu_stas"]) == ("390", "2") or later
    return {
        name for name, yes in {
            "held": p["psn_insu_date"] < until and stays, "joined": within(p["psn_insu_date"], since, until),
            "paused": within(p["paus_insu_date"], since, until),
        }.items() if yes
    }  # fmt: skip


def _age(born: date | None, until: date) -> int | None:
    """In full years on the last day of the period, the day before `until`."""
    if born is None:
        return None
    last = date.fromordinal(until.toordinal() - 1)
    return last.year - born.year - ((last.month, last.day) < (born.month, born.day))


def _payers(rows: Rows, since: date, until: date) -> list[Row]:
    month = months(since, until)[1]
    participations = by(rows["psn_insu_d"], "psn_insu_rlts_id")
    found = []
    for table, insutype, states in (("staf_psn_clct_detl_d", "310", "1"), ("rsdt_psn_clct_detl_d", "390", "12")):
        for r in rows[table]:
            p = participations.get(r["psn_insu_rlts_id"])
            if p is None or p["insutype"] != insutype or p["psn_insu_stas"] not in states or not arrived(r):
                continue
            if insutype == "310" and (r["insutype"] != "310" or r["clct_type"] != "10"):
                continue
            if r["clct_time"] and day_of(r["clct_time"]) < until and r["accrym_begn"] <= month <= r["accrym_end"]:
                found.append(p)
    return found


def _counted(facts: list[Row]) -> dict[str, Any]:
    held = [f for f in facts if "held" in f["is"]]

    def of(name: str, *values: Any) -> int:
        return heads(f for f in held if f[name] in values)

    return {
        "emp_cnt": heads(held, "emp_no"), "psn_cnt": heads(held), "woman_cnt": of("gend", "2"),
        "retired_cnt": heads(f for f in held if f["insutype_retr_flag"] != "0"),
        "rural_cnt": of("resd_natu", "20", "21", "22"),
        "minor_cnt": heads(f for f in held if f["age"] is not None and f["age"] < 18),
        "aged_cnt": heads(f for f in held if f["age"] is not None and f["age"] >= 60),
        "enterprise_cnt": of("kind", "1"), "institution_cnt": of("kind", "2"), "agency_cnt": of("kind", "3"),
        "other_cnt": of("kind", "9"),
        **{f"{state}_cnt": heads(f for f in facts if state in f["is"]) for state in STATES},
    }  # fmt: skip


def employer_payments(rows: Rows, since: date, until: date) -> Result:
    first, last = months(since, until)
    employers = by(rows["insu_emp_info_b"], "emp_no")
    facts = [
        {**r, "kind": employer_kind(employers[r["emp_no"]]["emp_type"]), "emp_name": employers[r["emp_no"]]["emp_name"]}
        for r in rows["emp_clct_detl_d"]
        if r["revs_flag"] == "Z" and first <= r["accrym_begn"] <= last and r["emp_no"] in employers
    ]
    names = ("kind", "emp_no", "insutype")
    found = measured(grouped(facts, names, names, names[:1], ()), _owed)
    for key, line in found.items():
        line["emp_name"] = employers[key[1]]["emp_name"] if key[1] else None
    return found


def _owed(facts: list[Row]) -> dict[str, Any]:
    paid, owed = [f for f in facts if f["clct_flag"] == "1"], [f for f in facts if f["clct_flag"] != "1"]
    owing = [f for f in owed if f["amt"] > 0]
    due = total(facts, "amt")
    return {
        "emp_cnt": heads(facts, "emp_no"), "owing_cnt": heads(owing, "emp_no"),
        "month_cnt": heads(facts, "accrym_begn"),
        "owed_month_cnt": heads(owing, "accrym_begn"),
        "clct_psncnt": sum(f["clct_psncnt"] or 0 for f in facts),
        "staf_totlwag": total(facts, "staf_totlwag"), "emp_clctstd_sumamt": total(facts, "emp_clctstd_sumamt"),
        "amt": due, "paid_amt": total(paid, "amt"), "owed_amt": total(owed, "amt"),
        "paid_share": share(total(paid, "amt"), due), "latefee": total(facts, "latefee"),
        "into_acct_amt": total(paid, "into_acct_amt"),
        "arvl_date": max((f["arvl_date"] for f in facts if f["arvl_date"] is not None), default=None),
    }  # fmt: skip


ONCE = ("emp_no", "insutype", "cashym", "accrym_begn", "accrym_end", "asses_stas", "opter_id", "emp_clct_paraval",
        "psn_clct_paraval")  # fmt: skip


def employer_assessments(rows: Rows, since: date, until: date) -> Result:
    employers = by(rows["insu_emp_info_b"], "emp_no")
    facts = [
        {**r, "asses_type": r["asses_type"] or "未填"}
        for r in rows["emp_clct_detl_d"] if within(r["asses_time"], since, until)
    ]  # fmt: skip
    names = ("asses_type", "emp_clct_detl_id")
    groups = grouped(facts, names, names, names[:1], ())
    return {
        key: _assessed(found) | _named(found[0] if key[1] else None, employers) for key, found in groups.items()
    }  # fmt: skip


def _assessed(facts: list[Row]) -> dict[str, Any]:
    stands = [f for f in facts if f["revs_flag"] == "Z" and f["asses_stas"] != "2"]
    return {
        "asses_cnt": len(facts), "undone_cnt": len(facts) - len(stands),
        **sums(facts, "emp_clctstd_sumamt emp_clct_amt psn_clct_amt amt"),
        "clct_psncnt": sum(f["clct_psncnt"] or 0 for f in facts), "standing_amt": total(stands, "amt"),
    }  # fmt: skip


def _named(row: Row | None, employers: dict[Any, Row]) -> dict[str, Any]:
    if row is None:
        return dict.fromkeys([*ONCE, "emp_name", "asses_date"])
    name = employers[row["emp_no"]]["emp_name"] if row["emp_no"] in employers else None
    return {**{n: row[n] for n in ONCE}, "emp_name": name, "asses_date": day_of(row["asses_time"])}


CHECKS = {
    "employer_assessments": employer_assessments,
    "employer_payments": employer_payments,
    "insured_persons": insured_persons,
}
