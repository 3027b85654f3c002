"""What the hospital fills in beside each difference, in the workbook or any table that it sends back. Pure.

The names of the columns and of the verdicts: the workbook is written with them, and what comes back is read by them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from contracts.reconciliation import Verdict

ID, VERDICT, NOTE = "差异编号", "医院反馈", "反馈说明"
VERDICTS: Final[Mapping[Verdict, str]] = {"accepted": "属实", "rejected": "不属实", "corrected": "已更正"}
_BY_NAME: Final[Mapping[str, Verdict]] = {**{name: code for code, name in VERDICTS.items()}, **{c: c for c in VERDICTS}}
_COLUMNS: Final = {ID: "id", VERDICT: "verdict", NOTE: "note", "id": "id", "verdict": "verdict", "note": "note"}


class Filled(msgspec.Struct, frozen=True):
    """One answer as it was filled in; see `contracts.reconciliation.Answer`."""

    id: str
    verdict: Verdict
    note: str = ""


class Unfit(Exception):
    """What was filled in cannot be read; the sentence says where and what to do."""


def answers(sheets: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> tuple[list[Filled], int]:
    """Of named sheets of cells: the answers, and how many differences have none. Sheets without such a header are
    left out.

    Raises Unfit for a verdict of another name, an id that comes twice with different answers, or no header at all.
    """
    found: dict[str, Filled] = {}
    empty, seen = 0, False
    for name, rows in sheets:
        header = _header(rows)
        if header is None:
            continue
        seen = True
        first, places = header
        for number, row in enumerate(rows[first:], first + 1):
            filled = _filled(row, places, f"“{name}” 第 {number} 行")
            empty += filled is None and bool(_cell(row, places, "id"))
            if filled is not None:
                _add(found, filled, f"“{name}” 第 {number} 行")
    if not seen:
        raise Unfit(f"没有找到表头: 文件应有 {ID}、{VERDICT}、{NOTE} 三列 (可直接用对账结果的工作簿填写)")
    return list(found.values()), empty


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]] | None:
    for number, row in enumerate(rows[:10], 1):
        places = {_COLUMNS[c.strip()]: i for i, c in enumerate(row) if c.strip() in _COLUMNS}
        if {"id", "verdict"} <= places.keys():
            return number, places
    return None


def _cell(row: Sequence[str], places: Mapping[str, int], name: str) -> str:
    place = places.get(name, len(row))
    return row[place].strip() if place < len(row) else ""


def _filled(row: Sequence[str], places: Mapping[str, int], where: str) -> Filled | None:
    id_, verdict, note = (_cell(row, places, name) for name in ("id", "verdict", "note"))
    if not id_ or not verdict:
        return None
    if verdict not in _BY_NAME:
        raise Unfit(f"{where}: {VERDICT}应为 {'、'.join(VERDICTS.values())}")
    if len(note) > 500:
        raise Unfit(f"{where}: {NOTE}超过 500 字, 请缩短, 细节写在工单里")
    return Filled(id_, _BY_NAME[verdict], note)


def _add(found: dict[str, Filled], filled: Filled, where: str) -> None:
    if found.setdefault(filled.id, filled) != filled:
        raise Unfit(f"{where}: 同一条差异填了两种反馈, 请只保留一种")
