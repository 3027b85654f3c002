"""A report as one HTML page that needs nothing from anywhere: style and pictures are inside it, and nothing runs."""

from pathlib import Path

from services.stats.output.charts import Charts
from services.stats.output.printed import printed
from services.stats.output.svg import inline
from services.stats.report import Report

_TEMPLATE = "page.html.j2"


def write(report: Report, path: Path, charts: Charts) -> None:
    """Write the page with its first lines. Every word of the report is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only where a page is written
    from markupsafe import Markup

    loader = FileSystemLoader(Path(__file__).parent)
    templates = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    pictures = [Markup(inline(svg)) for svg in charts.svgs]  # checked: pictures and nothing else
    text = templates.get_template(_TEMPLATE).render(view=printed(report, charts.missing), pictures=pictures)
    path.write_text(text, "utf-8")
