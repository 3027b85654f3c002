"""Writes a report down in every form that was asked for, and says what came of each."""

from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path
from typing import Final

import msgspec

from services.stats.output import page, paper, plain, workbook
from services.stats.output.charts import Charts, charts
from services.stats.output.lines import Say
from services.stats.output.paper import NoFont
from services.stats.places import FORMS as NAMES
from services.stats.report import Report

FORMS: Final = ("xlsx", "pdf", "html", "csv", "parquet")
_STAGES: Final = {"xlsx": "写 Excel", "pdf": "写 PDF", "html": "写网页", "csv": "写 CSV", "parquet": "写 Parquet"}


class Written(msgspec.Struct, frozen=True):
    """A file in the folder of the run. `problem` says in Chinese what it lacks; with `size` 0 there is no file."""

    name: str
    form: str
    sha256: str = ""
    size: int = 0
    problem: str = ""


def write_all(
    report: Report, out: Path, forms: Sequence[str], say: Say = lambda stage, done: None
) -> tuple[Written, ...]:
    """Write the forms into `out`, in their order. A form that this machine cannot make is told and left out.

    Raises ValueError for a form that there is none of.
    """
    unknown = set(forms) - set(FORMS)
    if unknown:
        raise ValueError(f"no such form: {sorted(unknown)}")
    drawn = charts(report) if {"pdf", "html"} & set(forms) else Charts()
    return tuple(_one(report, out / NAMES[form], form, drawn, say) for form in forms)


def _one(report: Report, path: Path, form: str, drawn: Charts, say: Say) -> Written:
    say(_STAGES[form], 0.0)
    try:
        _write(report, path, form, drawn, say)
    except NoFont as error:
        return Written(path.name, form, problem=str(error))
    say(_STAGES[form], 1.0)
    with path.open("rb") as file:
        hash_ = file_digest(file, "sha256").hexdigest()
    return Written(path.name, form, hash_, path.stat().st_size, drawn.missing if form in ("pdf", "html") else "")


def _write(report: Report, path: Path, form: str, drawn: Charts, say: Say) -> None:
    if form == "xlsx":
        workbook.write(report, path, say)
    elif form == "pdf":
        paper.write(report, path, drawn)
    elif form == "html":
        page.write(report, path, drawn)
    elif form == "csv":
        plain.write_csv(report, path, say)
    else:
        plain.write_parquet(report, path)
