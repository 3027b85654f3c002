"""What comes along with an alert where its provider can carry it: the table and the chart of a report, a deadline."""

from collections.abc import Callable
from dataclasses import replace
from html import escape

from contracts.delivery import Handover
from contracts.stats import ReportTable
from services.notify.digests.invitation import invitation
from services.notify.digests.table import as_html, as_markdown, as_text
from services.notify.rules.cutting import fits
from services.notify.transports.port import Format, Letter, Transport

CHART = "chart.png"
_FORMATS: dict[Format, Callable[[ReportTable], str]] = {"text": as_text, "markdown": as_markdown, "html": as_text}


def enclosed(letter: Letter, handover: Handover, transport: Transport) -> Letter:
    """The letter with what belongs to its alert: a table where all of it fits, a deadline where files come along."""
    if handover.table is not None:
        longer = with_table(letter, handover.table, transport.format)
        if fits(longer.body, transport.most_characters, transport.most_bytes):
            letter = longer
    return with_deadline(letter, handover) if transport.format == "html" else letter


def with_table(letter: Letter, table: ReportTable, format: Format) -> Letter:
    """The letter with the table below its body. Where a provider takes HTML, with the chart as `cid:chart.png` too:
    a file that the HTML names so is shown inside of it.
    """
    body = f"{letter.body}\n\n{_FORMATS[format](table)}"
    if format != "html":
        return replace(letter, body=body)
    from services.notify.digests.chart import MEDIA_TYPE, png

    picture = png(table)
    files = ((CHART, MEDIA_TYPE, picture),) if picture else ()
    html = (letter.html or _paragraphs(letter)) + as_html(table, f"cid:{CHART}" if picture else "")
    return replace(letter, body=body, html=html, files=letter.files + files)


def with_deadline(letter: Letter, handover: Handover) -> Letter:
    """The letter with the deadline of an obligation as a file for the calendar; as it is where there is none."""
    found = invitation(handover)
    return replace(letter, files=(*letter.files, found)) if found else letter


def _paragraphs(letter: Letter) -> str:
    link = f'<p><a href="{escape(letter.link)}">查看并确认</a></p>' if letter.link else ""
    return "".join(f"<p>{escape(line)}</p>" for line in letter.body.split("\n") if line) + link
