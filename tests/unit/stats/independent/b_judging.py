"""How an indicator of one institution is judged by its peers, in plain Python: medians of halves, bands, points."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from math import ceil
from typing import Any

from tests.unit.stats.independent.b_plain import Lines, Row, Rows, share

Parts = dict[tuple[str, str], tuple[Any, Any]]
"""Numerator and denominator of an institution's or a district's indicator."""
Meta = Mapping[str, tuple[str, int, int]]
"""Of an indicator: its unit, what the quotient is multiplied by, and whether more (1) or less (-1) of it is better."""


def figures(parts: Parts, meta: Meta) -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for (at, indicator), (above, below) in parts.items():
        if below:
            unit, factor, _ = meta[indicator]
            found[at, indicator] = {
                "unit": unit, "numerator": Decimal(above), "denominator": Decimal(below),
                "value": share(Decimal(above) * factor, below, 4),
            }  # fmt: skip
    return found


def judged(rows: Rows, parts: Parts, meta: Meta) -> Lines:
    places = {r["fixmedins_code"]: r for r in rows["fixmedins_b"]}
    counted = figures(parts, meta)
    peers: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for (at, indicator), line in counted.items():
        peers[_group(places, at), indicator].append(line["value"])
    found: Lines = {}
    for (at, indicator), line in counted.items():
        group = _group(places, at)
        values = sorted(peers[group, indicator]) if group else []
        name = places[at]["fixmedins_name"] if at in places else ""
        verdict = _verdict(line["value"], values, meta[indicator][2])
        found[at, name, indicator] = {**line, "medinslv": group, "peers": len(values), **verdict}
    return found


def _group(places: Mapping[str, Row], at: str) -> str:
    return (places[at]["medinslv"] or "") if at in places else ""


def _verdict(value: Decimal, values: list[Decimal], direction: int) -> dict[str, Any]:
    if len(values) < 5:
        return dict.fromkeys(("p10", "q1", "q2", "q3", "p90", "band", "outlier", "score"))
    half = len(values) // 2
    q1, q3 = _at(values[:half], Decimal("0.5")), _at(values[-half:], Decimal("0.5"))
    p10, q2, p90 = (_at(values, Decimal(p)) for p in ("0.1", "0.5", "0.9"))
    bands = [(value < p10, "低于P10"), (value < q1, "P10-Q1"), (value <= q3, "Q1-Q3"), (value <= p90, "Q3-P90")]
    return {
        "p10": p10, "q1": q1, "q2": q2, "q3": q3, "p90": p90, "score": _points(value, p10, p90, direction),
        "band": next((name for holds, name in bands if holds), "高于P90"),
        "outlier": "是" if value > q3 + (q3 - q1) * Decimal("1.5") else "否",
    }  # fmt: skip


def _at(values: list[Decimal], portion: Decimal) -> Decimal:
    """PERCENTILE_DISC: the smallest value that at least this portion does not exceed."""
    return values[max(ceil(portion * len(values)), 1) - 1]


def _points(value: Decimal, p10: Decimal, p90: Decimal, direction: int) -> Decimal | None:
    if not direction or p90 <= p10:
        return None
    along = min(max(value, p10), p90) - p10
    points = share(along * 50, p90 - p10, 30) or Decimal(0)
    return share(50 + points if direction > 0 else 100 - points, 1, 2)


def flat(parts: Iterable[Parts]) -> Parts:
    return {key: value for part in parts for key, value in part.items()}
