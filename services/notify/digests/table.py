"""The summary of a report in the three formats that providers take: aligned text, Markdown, HTML."""

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape

from contracts.stats import ReportTable

_NUMBER = frozenset("0123456789,.+-% ")
_WIDEST = 32  # columns of a text cell: what is wider is cut, so that a line fits a telephone's message
_CELL = "border:1px solid #c9d1d9;padding:4px 8px;"
_STYLES = {
    "table": "border-collapse:collapse;font-size:13px;color:#1d2733",
    "th": f"{_CELL}background:#e7eef7;text-align:left",
    "td": _CELL,
}


def width(text: str) -> int:
    """Columns on a screen of fixed width: a Chinese character takes two, what is combined with another none."""
    return sum(_columns(character) for character in text)


def as_text(table: ReportTable) -> str:
    """Columns aligned by spaces, numbers to the right; for fonts of fixed width."""
    lines = [[_cut(_plain(cell)) for cell in line] for line in _lines(table)]
    sizes = [max(width(line[n]) for line in lines) for n in range(len(lines[0]))]
    right = _numeric(table, len(sizes))
    rows = ["  ".join(_padded(*part) for part in zip(line, sizes, right, strict=True)).rstrip() for line in lines]
    return "\n".join((_plain(table.title), rows[0], "-" * (sum(sizes) + 2 * len(sizes) - 2), *rows[1:], *_foot(table)))


def as_markdown(table: ReportTable) -> str:
    """A table of GitHub's kind, as WeCom, DingTalk and Feishu show it or show its bars."""
    head, *rest = [[_safe(cell) for cell in line] for line in _lines(table)]
    rule = ["---:" if right else "---" for right in _numeric(table, len(head))]
    rows = [f"| {' | '.join(line)} |" for line in (head, rule, *rest)]
    return "\n".join((f"**{_safe(table.title)}**", "", *rows, *([""] if _foot(table) else []), *_foot(table)))


def as_html(table: ReportTable, chart: str = "") -> str:
    """`chart` is the address of a picture below the table, such as `cid:chart.png`. Styles stand at each element:
    mail programs drop all others.
    """
    head, *rest = _lines(table)
    right = _numeric(table, len(head))
    picture = [f'<p><img src="{escape(chart)}" alt="{escape(_drawn(table))}"></p>'] if chart else []
    link = [f'<p><a href="{escape(table.url)}">下载完整报表 (需要登录)</a></p>'] if _is_link(table.url) else []
    return "\n".join(
        (
            f"<h3>{escape(table.title)}</h3>",
            f'<table style="{_STYLES["table"]}">',
            _html_row(head, right, "th"),
            *(_html_row(line, right, "td") for line in rest),
            "</table>",
            *(f"<p>{escape(line)}</p>" for line in _more(table)),
            *picture,
            *link,
        )
    )


def _lines(table: ReportTable) -> list[list[str]]:
    """Head, rows with their numbers in front, total: all as long as the head."""
    size = len(table.columns)
    rows = [[str(n), *row] for n, row in enumerate(table.rows, 1)]
    total = [["", *table.total]] if table.total else []
    return [[*line, *[""] * (size + 1 - len(line))][: size + 1] for line in (["序号", *table.columns], *rows, *total)]


def _numeric(table: ReportTable, size: int) -> list[bool]:
    """Which columns stand to the right."""
    rows = _lines(table)[1:]
    return [bool(rows) and all(_NUMBER.issuperset(line[n]) for line in rows) for n in range(size)]


def _more(table: ReportTable) -> list[str]:
    rest = table.rows_out - len(table.rows)
    return [f"另有 {rest:,} 行, 见完整报表"] if rest > 0 else []


def _foot(table: ReportTable) -> list[str]:
    return [*_more(table), *([f"完整报表 (需要登录): {table.url}"] if _is_link(table.url) else [])]


def _drawn(table: ReportTable) -> str:
    draw = table.draw
    name = table.columns[draw] if draw is not None and draw < len(table.columns) else table.title
    return f"{name}, 按序号"


def _is_link(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _html_row(line: Sequence[str], right: Iterable[bool], tag: str) -> str:
    cells = (
        f'<{tag} style="{_STYLES[tag]}{";text-align:right" if to_right else ""}">{escape(cell)}</{tag}>'
        for cell, to_right in zip(line, right, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _plain(cell: str) -> str:
    return "".join(c if c.isprintable() else " " for c in cell)


def _safe(cell: str) -> str:
    """Nothing in a cell is markup, and none ends it."""
    text = _plain(cell)
    for character in "\\|*_`[]<>":
        text = text.replace(character, f"\\{character}")
    return text


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(cell: str) -> str:
    if width(cell) <= _WIDEST:
        return cell
    kept = ""
    while width(kept) + _columns(cell[len(kept)]) < _WIDEST:
        kept += cell[len(kept)]
    return f"{kept}…"


def _padded(cell: str, size: int, right: bool) -> str:
    space = " " * (size - width(cell))
    return space + cell if right else cell + space
