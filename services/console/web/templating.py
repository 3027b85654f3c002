"""Jinja for all pages: every package's own `templates/`, and the words for dates, times and amounts."""

from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from services.console.web import words

_HERE = Path(__file__).parents[1]


def templates() -> TemplateConfig[JinjaTemplateEngine]:
    """A name that a template does not know is an error, not an empty string."""
    environment = Environment(
        loader=FileSystemLoader(list(_folders())), autoescape=select_autoescape(default=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    environment.filters.update(words.FILTERS)
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


def _folders() -> Iterable[Path]:
    return (folder for folder in sorted(_HERE.glob("**/templates")) if folder.is_dir())
