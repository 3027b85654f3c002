"""Rows that lie just on a border, where a wrong comparison shows: added to the sample of 2026-01..09."""

from collections.abc import Iterator
from datetime import date, datetime, time

from tests.unit.stats.independent.b_plain import Row, Rows, valid

DAY = date(2026, 9, 30)


def on_the_border(rows: Rows) -> Iterator[tuple[str, list[Row]]]:
    """The first and the last moment, two registrations at once, a price at its limit, a second validity, five peers."""
    local = next(r for r in valid(rows, date(2026, 2, 1), date(2026, 8, 1), "6201") if r["med_type"] == "11")
    away = {**local, "setl_id": "EDGE-AWAY", "fix_blng_admdvs": "610100", "begndate": date(2026, 3, 5)}
    at = {"EDGE-FIRST": midnight(1, 1), "EDGE-LAST": midnight(10, 1)}
    yield "setl_d", [away, *({**local, "setl_id": name, "setl_time": moment} for name, moment in at.items())]
    known = next(r for r in rows["out_appy_d"] if r["vali_flag"] == "1" and r["insu_admdvs"].startswith("6201"))
    mine = {**known, "psn_no": local["psn_no"], "insutype": local["insutype"], "begndate": away["begndate"]}
    yield (
        "out_appy_d",
        [
            {
                **mine,
                "evtsn": f"EDGE{n}",
                "rloc_rea": reason,
                "crte_time": midnight(3, n),
                "enddate": date(2026, 9, 30),
            }
            for n, reason in ((3, "06"), (4, "02"), (2, "07"))
        ],
    )
    line = next(r for r in rows["fee_list_d"] if r["list_type"] == "101" and r["pric"] > 0)
    yield (
        "fee_list_d",
        [{**line, "setl_id": "EDGE-AWAY", "feedetl_sn": f"9{n}", "pric_uplmt_amt": line["pric"] - n} for n in (0, 1)],
    )
    entry = next(r for r in rows["hilist_b"] if r["hilist_code"] == line["hilist_code"])
    yield "hilist_b", [{**entry, "begndate": date(2026, 4, 1), "hilist_name": "新的名称"}]
    clearing = next(r for r in rows["medins_clr_sum_d"] if r["clr_stas"] == "60" and r["clr_ym"] == "2026-05")
    yield "medins_clr_sum_d", [{**clearing, "fee_clr_id": f"EDGE{stage}", "clr_stas": stage} for stage in ("50", "70")]
    busy = sorted({r["fixmedins_code"] for r in valid(rows, date(2026, 1, 1), date(2026, 10, 1), "6201")})[:5]
    rows["fixmedins_b"][:] = [{**r, "medinslv": "5"} if r["fixmedins_code"] in busy else r for r in rows["fixmedins_b"]]


def midnight(month: int, day: int) -> datetime:
    return datetime.combine(date(2026, month, day), time())
