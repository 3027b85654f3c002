"""Treatment reports in plain Python, from the bureau's words: residents, employees, births, maternity allowances."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tests.unit.stats.independent.b_plain import (
    Lines,
    Row,
    Rows,
    care,
    days,
    grouped,
    heads,
    money,
    month_in,
    share,
    total,
    valid,
)  # fmt: skip


def resident_settlement(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    chosen = [r for r in valid(rows, since, until, region) if r["insutype"] == "390"]

    def line(group: list[Row]) -> dict[str, Any]:
        return _line(group, ("hifmi_pay", "maf_pay"), {"hifmi_cnt": "hifmi_pay", "maf_cnt": "maf_pay"})

    by = [_district, care, _level]
    return grouped(chosen, by, ("111", "11-", "1--", "-1-", "---"), line)


def employee_settlement(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    chosen = [r for r in valid(rows, since, until, region) if r["insutype"] == "310"]

    def line(group: list[Row]) -> dict[str, Any]:
        return _line(group, ("hifob_pay", "cvlserv_pay"), {"hifob_cnt": "hifob_pay", "cvlserv_cnt": "cvlserv_pay"})

    by = [_district, _status, care, _level]
    return grouped(chosen, by, ("1111", "11--", "1---", "-11-", "--1-", "----"), line)


def maternity_inpatient(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    kinds = {r["mdtrt_id"]: r["matn_type"] for r in rows["mdtrt_d"]}
    chosen = [r for r in valid(rows, since, until, region) if r["med_type"] == "52"]

    def kind(row: Row) -> str:
        return kinds.get(row["mdtrt_id"]) or "未填"

    def line(group: list[Row]) -> dict[str, Any]:
        fee, fund, stayed = total(group, "medfee_sumamt"), total(group, "fund_pay_sumamt"), sum(map(days, group))
        return {
            "setl_cnt": len(group), "psn_cnt": heads(group), "medfee_sumamt": fee, "hifp_pay": total(group, "hifp_pay"),
            "fund_pay_sumamt": fund, "acct_pay": total(group, "acct_pay"), "cash_payamt": total(group, "cash_payamt"),
            "zifei": total(group, "fulamt_ownpay_amt"), "ipt_days": stayed, "avg_fee": share(fee, len(group), 2),
            "avg_days": share(stayed, len(group), 2), "fund_share": share(fund, fee, 6),
        }  # fmt: skip

    return grouped(
        chosen, [_district, lambda r: str(r["insutype"]), kind], ("111", "11-", "1--", "-1-", "--1", "---"), line
    )


def maternity_allowance(rows: Rows, since: date, until: date, region: str = "6201") -> Lines:
    chosen = [
        r for r in rows["matn_alwn_crtf_d"]
        if r["vali_flag"] == "1" and month_in(r["ym"], since, until) and r["insu_admdvs"].startswith(region)
    ]  # fmt: skip

    def line(group: list[Row]) -> dict[str, Any]:
        paid, lasting = total(group, "matn_alwn_sumamt"), sum(r["alwn_days"] for r in group)
        return {
            "crtf_cnt": len(group), "psn_cnt": heads(group),
            "emp_cnt": len({r["emp_no"] for r in group if r["emp_no"] is not None}), "alwn_days": lasting,
            "matn_alwn_sumamt": paid, "avg_per_psn": share(paid, heads(group), 2),
            "avg_per_day": share(paid, lasting, 2),
        }  # fmt: skip

    return grouped(chosen, [_district, lambda r: r["matn_type"] or "未填"], ("11", "1-", "-1", "--"), line)


def _district(row: Row) -> str:
    return str(row["insu_admdvs"])


def _level(row: Row) -> str:
    return row["dedc_hosp_lv"] or "未填"


def _status(row: Row) -> str:
    return {"11": "在职", "12": "退休"}.get((row["psn_type"] or "")[:2], "其他")


def _line(group: list[Row], funds: tuple[str, str], counts: Mapping[str, str]) -> dict[str, Any]:
    """`funds` are those that come on top of the pooled fund for these people."""
    fee, fund = total(group, "medfee_sumamt"), total(group, "fund_pay_sumamt")
    own = [_own(r, funds) for r in group]
    beyond = [max(money(r["acct_pay"]) - mine, Decimal(0)) for r, mine in zip(group, own, strict=True)]
    return {
        "setl_cnt": len(group), "psn_cnt": heads(group), "medfee_sumamt": fee, "hifp_pay": total(group, "hifp_pay"),
        **{f: total(group, f) for f in funds}, "other_fund": fund - total(group, "hifp_pay", *funds),
        "fund_pay_sumamt": fund, "acct_pay": total(group, "acct_pay"), "cash_payamt": total(group, "cash_payamt"),
        "zifu": sum(own, Decimal(0)), "zifei": total(group, "fulamt_ownpay_amt"), "muluwai": sum(beyond, Decimal(0)),
        "ipt_days": sum(days(r) for r in group if care(r) == "3"),
        **{name: sum(1 for r in group if money(r[f])) for name, f in counts.items()},
        "avg_fee": share(fee, len(group), 2), "fund_share": share(fund, fee, 6),
        "scope_share": share(fund, total(group, "inscp_amt"), 6),
    }  # fmt: skip


def _own(row: Row, funds: tuple[str, str]) -> Decimal:
    """自付: the fee without the pooled fund, the funds on top, and what is the patient's own altogether."""
    return money(row["medfee_sumamt"]) - total([row], "hifp_pay", *funds, "fulamt_ownpay_amt")


CHECKS: Mapping[str, Callable[..., Lines]] = {
    "resident_settlement": resident_settlement, "employee_settlement": employee_settlement,
    "maternity_inpatient": maternity_inpatient, "maternity_allowance": maternity_allowance,
}  # fmt: skip
