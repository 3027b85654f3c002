"""Puts the measured figures between the READMEs' markers, so that they are never typed by hand."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.result import Result, machine

ROOT = Path(__file__).parents[1]
START, END = "<!-- bench -->", "<!-- /bench -->"


def write_table(results: Sequence[Result]) -> None:
    lines = ["| figure | value | bar | the bare parts in the same run |", "|---|---|---|---|", *_rows(results).values()]
    table = "\n".join([START, f"{machine()}, {datetime.now(UTC):%Y-%m-%d}:", "", *lines, END])
    _replace(lambda _: table)


def merge_table(results: Sequence[Result]) -> None:
    """These rows in the place of those of an earlier run, the others as they were."""
    rows = _rows(results)

    def merged(table: str) -> str:
        kept = (line for line in table.split("\n") if not line.startswith(tuple(rows)) and line != END)
        return "\n".join([*kept, *rows.values(), END])

    _replace(merged)


def _rows(results: Sequence[Result]) -> dict[str, str]:
    """By their beginning. A figure with brackets is a part of another and stands in results.json only."""
    return {f"| `{r.name}` ": _row(r) for r in results if "[" not in r.name}


def _row(r: Result) -> str:
    bar = "" if r.bar is None else f"{'≥' if r.at_least else '≤'} {r.bar:g} {r.unit}"
    value = f"{r.value:,.0f}" if r.value >= 100 else f"{r.value:.3g}"
    return f"| `{r.name}` | {value} {r.unit} | {bar} | {r.beside} |"


def _replace(change: Callable[[str], str]) -> None:
    """What stands between the markers, in both READMEs."""
    for name in ("README.md", "README.zh-CN.md"):
        path = ROOT / name
        text = path.read_text() if path.exists() else ""
        if START in text and END in text:
            begin, end = text.index(START), text.index(END) + len(END)
            path.write_text(text[:begin] + change(text[begin:end]) + text[end:])
