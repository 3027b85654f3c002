"""Puts the measured figures between the READMEs' markers, so that they are never typed by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.result import Result, machine

ROOT = Path(__file__).parents[1]
START, END = "<!-- bench -->", "<!-- /bench -->"


def write_table(results: Sequence[Result]) -> None:
    lines = ["| figure | value | bar | the bare parts in the same run |", "|---|---|---|---|"]
    for r in results:
        bar = "" if r.bar is None else f"{'≥' if r.at_least else '≤'} {r.bar:g} {r.unit}"
        value = f"{r.value:,.0f}" if r.value >= 100 else f"{r.value:.3g}"
        lines.append(f"| `{r.name}` | {value} {r.unit} | {bar} | {r.beside} |")
    table = "\n".join([START, f"{machine()}, {datetime.now(UTC):%Y-%m-%d}:", "", *lines, END])
    for name in ("README.md", "README.zh-CN.md"):
        path = ROOT / name
        text = path.read_text() if path.exists() else ""
        if START in text and END in text:
            path.write_text(text[: text.index(START)] + table + text[text.index(END) + len(END) :])
