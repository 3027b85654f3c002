"""A report for machines: CSV that a spreadsheet opens with the right letters, and Parquet."""

import csv
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Final

from services.stats.output.lines import Say, Value, lines, names_of, untyped
from services.stats.report import Report

ROLLED: Final = "汇总层级 (rolled)"
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(report: Report, path: Path, say: Say = lambda stage, done: None) -> None:
    """UTF-8 with a mark that Excel knows it by. One header line, names with codes; a code's name has its own column.

    Figures are written in full and without separators; a hidden small cell is empty, as what is missing is.
    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    names = names_of(report)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file, lineterminator="\r\n")
        heads = ((f"{c.name} ({c.code})", *((f"{c.name}名称",) if c.code in names else ())) for c in report.columns)
        sheet.writerow([*(head for pair in heads for head in pair), ROLLED])
        for n, line in enumerate(lines(report), 1):
            cells: list[str] = []
            for column, value in zip(report.columns, line.values, strict=True):
                cells.append(_cell(value))
                if column.code in names:
                    cells.append(_cell(names[column.code].get(str(value), "")))
            sheet.writerow([*cells, line.rolled])
            if n % 100_000 == 0:
                say("写 CSV", n / max(report.rows, 1))


def write_parquet(report: Report, path: Path) -> None:
    """The very file that was counted."""
    shutil.copyfile(report.data, path)


def _cell(value: Value) -> str:
    value = untyped(value)
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_RISKY) else value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
