"""Where the packages of JavaScript are that `npm ci` brought: charts, fonts, the console's design system."""

import sys
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def modules() -> Path | None:
    """The folder `node_modules`: of the image beside its Python, of a working copy at its top."""
    places = (Path(sys.prefix) / "node_modules", _ROOT / "node_modules")
    return next((place for place in places if place.is_dir()), None)
