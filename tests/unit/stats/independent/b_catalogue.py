"""The catalogue and its use in plain Python: drugs, services, consumables."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from tests.unit.stats.independent.b_plain import Lines, Row, Rows, grouped, money, total, valid


def catalogue(rows: Rows, since: date, until: date, region: str = "6201", *, kind: str) -> Lines:
    """`kind` is the first digit of list_type: 1 drugs, 2 services, 3 consumables."""
    entries = _entries(rows, since, until, kind)
    used = _used(rows, since, until, region)

    def line(group: list[Row]) -> dict[str, Any]:
        lines = [(entry, u) for entry in group for u in used[entry["hilist_code"]]]
        fees = [u for _, u in lines]
        return {
            "item_cnt": len(group), "line_cnt": len(lines), "used_cnt": len({e["hilist_code"] for e, _ in lines}),
            "inst_cnt": len({u["at"] for u in fees}), "psn_cnt": len({u["psn_no"] for u in fees}),
            "cnt": total(fees, "cnt"), "det_item_fee_sumamt": total(fees, "det_item_fee_sumamt"),
            "inscp_amt": total(fees, "inscp_amt"), "fulamt_ownpay_amt": total(fees, "fulamt_ownpay_amt"),
            "overlmt_cnt": sum(_over(e, u) for e, u in lines), "overlmt_selfpay": total(fees, "overlmt_selfpay"),
        }  # fmt: skip

    by: list[Callable[[Row], str]] = [
        lambda e: str(e["list_type"]), lambda e: e["chrgitm_lv"] or "未填", lambda e: str(e["hilist_code"]),
        lambda e: str(e["hilist_name"]),
    ]  # fmt: skip
    counted = grouped(entries, by, ("1111", "11--", "1---", "-1--", "----"), line)
    facts = {e["hilist_code"]: e for e in entries}
    return {key: _facts(facts.get(key[2])) | measures for key, measures in counted.items()}


def _entries(rows: Rows, since: date, until: date, kind: str) -> list[Row]:
    latest: dict[str, Row] = {}
    for r in rows["hilist_b"]:
        runs = r["begndate"] < until and (r["enddate"] is None or r["enddate"] >= since)
        if r["vali_flag"] == "1" and r["list_type"].startswith(kind) and runs:
            held = latest.get(r["hilist_code"])
            if held is None or r["begndate"] > held["begndate"]:
                latest[r["hilist_code"]] = r
    return list(latest.values())


def _used(rows: Rows, since: date, until: date, region: str) -> dict[str, list[Row]]:
    settled = {r["setl_id"]: r for r in valid(rows, since, until, region)}
    used: dict[str, list[Row]] = defaultdict(list)
    for r in rows["fee_list_d"]:
        if r["vali_flag"] == "1" and (s := settled.get(r["setl_id"])) and r["hilist_code"]:
            used[r["hilist_code"]].append({**r, "psn_no": s["psn_no"], "at": s["fixmedins_code"]})
    return used


def _over(entry: Row, line: Row) -> int:
    limit = line["pric_uplmt_amt"] if line["pric_uplmt_amt"] is not None else money(entry["lmtpric"])
    return int(limit > 0 and line["pric"] > limit)


def _facts(entry: Row | None) -> dict[str, Any]:
    return {c: entry[c] if entry else None for c in ("hilist_pric", "lmtpric", "selfpay_prop", "begndate")}


CHECKS: Mapping[str, Callable[..., Lines]] = {
    "drug_catalogue": partial(catalogue, kind="1"), "service_catalogue": partial(catalogue, kind="2"),
    "consumable_catalogue": partial(catalogue, kind="3"),
}  # fmt: skip
