"""A report as PDF, set by Typst: the table with its heading on every page, charts, and 口径 as an appendix."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from services.stats.output.charts import Charts
from services.stats.output.fonts import Fonts, fonts
from services.stats.output.printed import Printed, plain, printed
from services.stats.report import Report

TEMPLATE: Final = Path(__file__).with_name("report.typ")
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_PT_PER_MM: Final = 72 / 25.4
_LETTER, _PADDING, _GAP = 0.56, 8.0, 4.0
_LARGEST, _SMALLEST = 10.0, 3.5
_PAPERS: Final = (("a4", False, 180.0, 8.5), ("a4", True, 267.0, 7.0), ("a3", True, 390.0, 0.0))
"""Name, whether it lies, millimetres for the table, and how small its letters may be before the next one is taken."""
_WIDEST: Final = 36


class NoFont(Exception):
    """There is no Chinese font on this machine; the message says what to do."""

    def __init__(self) -> None:
        super().__init__("本机没有中文字体，不能生成 PDF：请运维安装 fonts-noto-cjk，或执行 make node_modules/.ready")


def write(report: Report, path: Path, charts: Charts) -> None:
    """Write the PDF with the first lines; its bytes depend on the report and the fonts alone. Raises NoFont."""
    found = fonts()
    if found is None:
        raise NoFont
    view = printed(report, charts.missing)
    made = (report.data_as_of or _EPOCH).replace(tzinfo=UTC)
    with TemporaryDirectory(dir=path.parent) as name:
        folder = Path(name)
        shutil.copy(TEMPLATE, folder / "report.typ")
        for n, svg in enumerate(charts.svgs):
            (folder / f"{n}.svg").write_text(svg, "utf-8")
        told = {**plain(view), **_paper(view), "charts": len(charts.svgs), "serif": found.serif, "sans": found.sans}
        (folder / "report.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        _set(folder, path, found, made)


def _set(folder: Path, path: Path, found: Fonts, made: datetime) -> None:
    import typst  # only where a PDF is set

    compiler = typst.Compiler(
        root=folder, font_paths=[str(f) for f in found.folders], ignore_system_fonts=bool(found.folders)
    )
    compiler.compile(input=str(folder / "report.typ"), output=str(path), format="pdf", timestamp=made, pdf_tags=False)


def _paper(view: Printed) -> dict[str, Any]:
    """The smallest paper on which the table's letters are still large enough, how large they are, and the columns."""
    widths = [width if right else min(width, _WIDEST) for width, right in zip(view.widths, view.right, strict=True)]
    sizes = [_size(sum(widths), len(widths), wide) for _, _, wide, _ in _PAPERS]
    n = next(n for n, (size, paper) in enumerate(zip(sizes, _PAPERS, strict=True)) if size >= paper[3])
    columns = _columns(widths, view.heads, sizes[n], _PAPERS[n][2] * _PT_PER_MM)
    return {"paper": _PAPERS[n][0], "flipped": _PAPERS[n][1], "size": sizes[n], "columns": columns}


def _size(letters: int, columns: int, wide: float) -> float:
    room = wide * _PT_PER_MM - _PADDING * columns
    return max(round(min(room / (letters * _LETTER + _GAP), _LARGEST), 2), _SMALLEST)


def _columns(widths: list[int], heads: tuple[int, ...], size: float, room: float) -> list[float]:
    """In points; what is left of the page goes to the columns whose names would take two lines."""
    columns = [width * _LETTER * size + _PADDING for width in widths]
    wanted = [max(0.0, head * _LETTER * size * 1.1 + _PADDING - c) for head, c in zip(heads, columns, strict=True)]
    share = min(1.0, max(0.0, room - sum(columns)) / max(sum(wanted), 1e-9))
    return [round(c + share * more, 2) for c, more in zip(columns, wanted, strict=True)]
