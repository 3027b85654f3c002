"""居民缴费进度: who should pay, and day by day who has, over rows, without SQL."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from tests.unit.stats.independent.a_plain import (
    NONE,
    Key,
    Result,
    Rows,
    arrived,
    day_of,
    months,
    share,
)  # fmt: skip

Test = Callable[[date], bool]


def resident_payment_progress(rows: Rows, since: date, until: date, accrym: str = "") -> Result:
    month = accrym or months(since, until)[1]
    held = {
        p["psn_insu_rlts_id"]: p for p in rows["psn_insu_d"]
        if p["insutype"] == "390" and p["psn_insu_stas"] in ("1", "2") and p["psn_insu_date"] < until
    }  # fmt: skip
    home: dict[str, str] = {}
    for p in held.values():
        home[p["psn_no"]] = min(home.get(p["psn_no"], p["insu_admdvs"]), p["insu_admdvs"])
    payments: list[tuple[date, str, Any]] = []
    for r in rows["rsdt_psn_clct_detl_d"]:
        mine = held.get(r["psn_insu_rlts_id"])
        covers = r["accrym_begn"] <= month <= r["accrym_end"]
        if mine and covers and arrived(r) and r["clct_time"] and day_of(r["clct_time"]) < until:
            payments.append((day_of(r["clct_time"]), mine["psn_no"], r["psn_clct_amt"]))
    result: Result = {}
    for place in (*sorted(set(home.values())), None):
        result |= _progress(place, home, payments, since)
    return result


def _progress(place: str | None, home: dict[str, str], payments: list[tuple[date, str, Any]], since: date) -> Result:
    def mine(person: str) -> bool:
        return place is None or home[person] == place

    due = sum(map(mine, home))
    firsts: dict[str, date] = {}
    amounts: dict[date, Any] = defaultdict(lambda: NONE)
    for day, person, amount in sorted(payments, key=lambda p: p[:2]):
        if mine(person):
            firsts.setdefault(person, day)
            amounts[day] += amount
    lines: dict[Key, tuple[Test, Test]] = {
        (place, day): (lambda d, day=day: d == day, lambda d, day=day: d <= day)  # type: ignore[misc]
        for day in amounts if day >= since
    }  # fmt: skip
    lines[(place, None)] = (lambda d: d >= since, lambda d: True)
    return {key: _paid(due, firsts, amounts, *tests) for key, tests in lines.items()}


def _paid(
    due: int, firsts: dict[str, date], amounts: dict[date, Any], now: Test, until: Test
) -> dict[str, Any]:  # fmt: skip
    paid = sum(until(day) for day in firsts.values())
    return {
        "due_cnt": due, "new_cnt": sum(now(day) for day in firsts.values()),
        "psn_clct_amt": sum((a for day, a in amounts.items() if now(day)), NONE), "paid_cnt": paid,
        "paid_amt": sum((a for day, a in amounts.items() if until(day)), NONE), "unpaid_cnt": due - paid,
        "paid_share": share(paid, due),
    }  # fmt: skip


CHECKS = {"resident_payment_progress": resident_payment_progress}
