"""Draws `demo.svg`, the account of a demo as a terminal shows it:

yibao demo --json | python docs/images/draw.py > docs/images/demo.svg
"""

import io
import json
import sys
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import PurePath

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from yibao.demo.summary import show

COLUMNS, CELL, LINE, EDGE, HEAD = 118, 7.6, 19, 20, 34
FONT = (
    "ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Noto Sans Mono CJK SC','PingFang SC','Microsoft YaHei',"
    "monospace"
)
LIGHTS = ("#ff5f57", "#febc2e", "#28c840")
COLOURS = {"green": "#4ec98a", "red": "#ff6b6b"}


def picture(account: dict[str, object]) -> str:
    """One text element for each run of equally wide characters, so that columns meet in any font."""
    console = Console(width=COLUMNS, record=True, file=io.StringIO(), force_terminal=True, highlight=False)
    show(console, account)
    lines = list(Segment.split_lines(console._record_buffer))
    width, height = round(COLUMNS * CELL + 2 * EDGE), len(lines) * LINE + HEAD + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="12.6" role="img" '
        'aria-label="the account that yibao demo prints at its end">',
        f"<style>text{{font-family:{FONT};white-space:pre;fill:#c8d3e0}}</style>",
        f'<rect width="{width}" height="{height}" rx="12" fill="#131a24"/>',
        *(f'<circle cx="{22 + 18 * i}" cy="17" r="5" fill="{colour}"/>' for i, colour in enumerate(LIGHTS)),
        f'<text x="{width // 2}" y="22" text-anchor="middle" style="fill:#8fa1b5">$ make demo</text>',
    ]  # fmt: skip
    for row, line in enumerate(lines, 1):
        parts += _line(line, HEAD + LINE * row)
    return "\n".join([*parts, "</svg>", ""])


def _line(line: list[Segment], y: int) -> Iterator[str]:
    column = 0
    for text, style, _ in line:
        for _wide, characters in groupby(text, key=lambda c: cell_len(c) > 1):
            run = "".join(characters)
            start = column + len(run) - len(run.lstrip())
            if words := run.strip():
                length = f'textLength="{cell_len(words) * CELL:.1f}" lengthAdjust="spacingAndGlyphs"'
                yield f'<text x="{EDGE + start * CELL:.1f}" y="{y}" {length}{_css(style)}>{escape(words)}</text>'
            column += cell_len(run)


def _css(style: Style | None) -> str:
    if style is None:
        return ""
    colour = "#8fa1b5" if style.dim else COLOURS.get(style.color.name if style.color else "")
    rules = [f"fill:{colour}"] * bool(colour) + ["font-weight:600"] * bool(style.bold)
    return f' style="{";".join(rules)}"' if rules else ""


if __name__ == "__main__":
    told = json.load(sys.stdin)
    told["run"]["file"] = f".yibao/demo/{PurePath(told['run']['file']).name}"
    sys.stdout.write(picture(told))
