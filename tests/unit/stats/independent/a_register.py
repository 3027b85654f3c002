"""花名册: employers, employees and residents as of a day, over rows, without SQL."""

from collections import defaultdict
from datetime import date
from typing import Any

from tests.unit.stats.independent.a_plain import (
    Result,
    Row,
    Rows,
    by,
    employer_kind,
    heads,
    identities_on,
)  # fmt: skip


def employer_register(rows: Rows, since: date, until: date, insutype: str = "") -> Result:
    employers = by(rows["insu_emp_info_b"], "emp_no")
    people: dict[Any, list[Row]] = defaultdict(list)
    for p in rows["psn_insu_d"]:
        later = p["psn_insu_stas"] in ("2", "4") and p["paus_insu_date"] is not None and p["paus_insu_date"] >= until
        if p["psn_insu_date"] < until and (p["psn_insu_stas"] == "1" or later):
            people[p["emp_no"], p["insutype"]].append(p)
    result = {}
    for r in rows["emp_insu_d"]:
        if r["emp_insu_date"] < until and insutype in ("", r["insutype"]):
            mine = people[r["emp_no"], r["insutype"]]
            result[r["emp_no"], r["insutype"]] = {
                **_told(employers[r["emp_no"]], "emp_name emp_entt_codg emp_type legrep_name"),
                **_told(r, "insu_admdvs emp_insu_date emp_insu_stas paus_insu_date"),
                "kind": employer_kind(employers[r["emp_no"]]["emp_type"]), "psn_cnt": heads(mine),
                "retired_cnt": heads(p for p in mine if p["insutype_retr_flag"] != "0"),
            }  # fmt: skip
    return result


def _told(row: Row | None, names: str) -> dict[str, Any]:
    return {name: row[name] if row else None for name in names.split()}


PARTICIPATION = "psn_no insutype psn_type psn_insu_stas psn_insu_date paus_insu_date insu_admdvs"
PERSON = "psn_name certno gend brdy resd_natu"


def employee_register(rows: Rows, since: date, until: date, psn_insu_stas: str = "1", emp_no: str = "") -> Result:
    people, employers = by(rows["psn_info_b"], "psn_no"), by(rows["insu_emp_info_b"], "emp_no")
    states = (psn_insu_stas,) if psn_insu_stas else ("1", "2", "4")
    return {
        (p["psn_insu_rlts_id"],): {
            **_told(p, f"{PARTICIPATION} insutype_retr_flag emp_no"), **_told(people.get(p["psn_no"]), PERSON),
            **_told(employers.get(p["emp_no"]), "emp_name"),
        }
        for p in rows["psn_insu_d"]
        if p["insutype"] == "310" and p["psn_insu_stas"] in states and p["psn_insu_date"] < until
        and emp_no in ("", p["emp_no"])
    }  # fmt: skip


def resident_register(rows: Rows, since: date, until: date, insu_admdvs: str = "") -> Result:
    people, identities = by(rows["psn_info_b"], "psn_no"), identities_on(rows, since)
    result = {}
    for p in rows["psn_insu_d"]:
        held = p["insutype"] == "390" and p["psn_insu_stas"] in ("1", "2") and p["psn_insu_date"] < until
        if held and p["insu_admdvs"].startswith(insu_admdvs):
            mine = identities.get(p["psn_no"], set())
            identity = {"psn_idet_type": min(mine, default=None), "idet_cnt": len(mine)}
            person = _told(people.get(p["psn_no"]), PERSON)
            result[(p["psn_insu_rlts_id"],)] = _told(p, PARTICIPATION) | person | identity
    return result


CHECKS = {
    "employee_register": employee_register,
    "employer_register": employer_register,
    "resident_register": resident_register,
}
