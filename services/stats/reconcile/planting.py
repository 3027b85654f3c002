"""How each kind of settlement stands in the ledgers of the sample: planted differences, and what only looks like one.

`d1` to `d9` are planted; `k0` to `k15` are no differences. SQL over the table `special`. Pure.
"""

from typing import Final

_NEGATIVE: Final = (
    "-medfee_sumamt AS medfee_sumamt, -fund_pay_sumamt AS fund_pay_sumamt, -acct_pay AS acct_pay, "
    "'1' AS refd_setl_flag, msgid || 'R' AS msgid, setl_time + INTERVAL 30 MINUTE AS setl_time"
)
_SECOND: Final = "setl_id || 'B' AS setl_id, msgid || 'B' AS msgid, setl_time + INTERVAL 45 MINUTE AS setl_time"
_MINUTES: Final = "TIMESTAMP '2026-11-01' - to_seconds(1 + (i % 50))"


def _take(changes: str, where: str) -> str:
    return f"SELECT * REPLACE ({changes}) FROM special WHERE {where}" if changes else f"FROM special WHERE {where}"


def _kinds(*numbers: int) -> str:
    return "kind IN (" + ", ".join(f"'k{n}'" for n in numbers) + ")"


_SAME: Final = f"kind IN ('d9', 'd7', 'd8') OR {_kinds(0, 4, 5, 6, 7)}"
_AT_EDGE: Final = f"CASE kind WHEN 'k8' THEN TIMESTAMP '2026-10-01' WHEN 'k9' THEN {_MINUTES} " \
    "WHEN 'k10' THEN TIMESTAMP '2026-09-30 23:59:59' WHEN 'k11' THEN TIMESTAMP '2026-11-01' " \
    "ELSE setl_time END AS setl_time"  # fmt: skip
_BOTH: Final = (
    _take("", _SAME),
    _take(_AT_EDGE, _kinds(8, 9, 10, 11)),  # the first and last second, and both in the neighbouring period
    _take(_NEGATIVE, _kinds(0)),  # a refund under the settlement's own id
    _take(f"{_SECOND}, medfee_sumamt + 10 AS medfee_sumamt", _kinds(5)),  # settled again in the middle of a stay
    _take(f"{_NEGATIVE}, setl_id || 'R' AS setl_id", _kinds(6)),  # settled, refunded, settled again
    _take(_SECOND, _kinds(6)),
    _take(_SECOND, "kind = 'd8' AND p % 2 = 1"),
)
_FEES: Final = (
    "CASE p % 3 WHEN 0 THEN medfee_sumamt + 1 ELSE medfee_sumamt END AS medfee_sumamt, "
    "CASE p % 3 WHEN 1 THEN fund_pay_sumamt + 0.01 ELSE fund_pay_sumamt END AS fund_pay_sumamt, "
    "CASE p % 3 WHEN 2 THEN acct_pay + 0.01 ELSE acct_pay END AS acct_pay"
)
_LATE_H: Final = "CASE p % 2 WHEN 0 THEN TIMESTAMP '2026-10-31 23:59:58' ELSE TIMESTAMP '2026-09-30 23:59:58' END"
_LATE_C: Final = "CASE p % 2 WHEN 0 THEN TIMESTAMP '2026-11-01 00:00:01' ELSE TIMESTAMP '2026-10-01 00:00:01' END"

HOSPITAL: Final = (
    *_BOTH,
    _take("", f"kind IN ('d2', 'd4', 'd6') OR {_kinds(1, 2, 3, 12, 13, 14, 15)}"),
    _take(_FEES, "kind = 'd3'"),
    _take(_NEGATIVE, "kind = 'd4' AND p % 3 = 0"),
    _take(f"{_LATE_H} AS setl_time", "kind = 'd5'"),
    _take("", "kind = 'd7' AND p % 3 = 2"),
    _take(_NEGATIVE, _kinds(1, 15)),
)
CENTRE: Final = (
    *_BOTH,
    _take("", "kind IN ('d1', 'd3') OR (kind = 'd4' AND p % 3 < 2)"),
    _take("'1' AS refd_setl_flag", "kind = 'd4' AND p % 3 = 2"),
    _take(_NEGATIVE, "kind = 'd4' AND p % 3 = 1"),
    _take(f"{_LATE_C} AS setl_time", "kind = 'd5'"),
    _take("CASE p % 2 WHEN 0 THEN '9909' ELSE clr_type END AS clr_type, "
          "CASE p % 2 WHEN 1 THEN '620199' ELSE setl_optins END AS setl_optins", "kind = 'd6'"),
    _take("", "kind = 'd7' AND p % 3 = 0"),
    _take("NULL AS setl_id, NULL AS mdtrt_id", "kind = 'd7' AND p % 3 = 1"),
    _take(_SECOND, "kind = 'd8' AND p % 2 = 0"),
    # What the centre writes otherwise, and what is the same nevertheless.
    _take("'1' AS refd_setl_flag", _kinds(1, 15)),
    _take(f"{_NEGATIVE}, setl_id || 'R' AS setl_id", _kinds(1)),
    _take("NULL AS setl_id, NULL AS mdtrt_id", _kinds(2, 14)),
    _take("NULL AS setl_id, NULL AS mdtrt_id, NULL AS msgid", _kinds(3, 13)),
    _take("NULL AS mdtrt_id, NULL AS msgid", _kinds(12)),
    _take(f"{_NEGATIVE}, NULL AS setl_id, NULL AS mdtrt_id", _kinds(15)),
)  # fmt: skip

TRUTH: Final = """
    SELECT substr(kind, 2)::INTEGER AS class, CASE kind
        WHEN 'd1' THEN 'centre_only' WHEN 'd2' THEN 'hospital_only' WHEN 'd3' THEN 'amount'
        WHEN 'd4' THEN (['hospital_refunded', 'centre_refunded', 'refund_flag'])[1 + p % 3]
        WHEN 'd5' THEN (['late_at_centre', 'late_at_hospital'])[1 + p % 2] WHEN 'd6' THEN 'group'
        WHEN 'd7' THEN (['centre_twice', 'centre_twice', 'hospital_twice'])[1 + p % 3]
        WHEN 'd8' THEN (['settled_twice', 'both_settled_twice'])[1 + p % 2] ELSE 'unsuccessful' END AS variant,
      msgid || CASE WHEN kind = 'd4' AND p % 3 < 2 THEN 'R' WHEN kind = 'd8' THEN 'B' ELSE '' END AS msgid
    FROM special WHERE kind LIKE 'd%' ORDER BY class, msgid"""
