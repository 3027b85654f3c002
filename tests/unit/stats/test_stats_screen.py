"""What the screen shows of a report is what paper shows, and reading it needs nothing heavy."""

import subprocess
import sys
from pathlib import Path

from services.stats import screen
from services.stats.output import screen as writing
from services.stats.output.plots import chosen
from services.stats.output.printed import printed
from tests.support.reports import report


def test_the_screen_shows_the_words_and_figures_of_paper(tmp_path: Path) -> None:
    made = report(tmp_path)
    writing.write(made, tmp_path)
    shown, paper = screen.read(tmp_path), printed(made)
    assert shown is not None
    assert [(row.shade, row.cells) for row in shown.rows] == [(row.shade, row.cells) for row in paper.rows]
    assert [(head.name, head.parts) for head in shown.heads] == [(group.name, group.parts) for group in paper.groups]
    assert (shown.right, shown.above, shown.below) == (paper.right, paper.above, paper.below)
    assert [(p.title, p.labels) for p in shown.pictures] == [(p.title, p.labels) for p in chosen(made)]
    assert all(picture.option["series"] for picture in shown.pictures)


def test_a_run_without_a_screen_has_none(tmp_path: Path) -> None:
    assert screen.read(tmp_path) is None


def test_who_hands_it_out_loads_no_arrow() -> None:
    heavy = "import services.stats.runs.showing, sys; print(sorted({'pyarrow', 'duckdb', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout == "[]\n"
