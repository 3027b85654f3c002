"""Files that browsers load: the console's own, and of the packages exactly those that a page names."""

from pathlib import Path
from typing import Final

from litestar.handlers import HTTPRouteHandler
from litestar.router import Router
from litestar.static_files import create_static_files_router

from chassis.access import ANYBODY
from chassis.packages import modules

_OWN: Final = Path(__file__).with_name("static")
_VENDOR: Final = {
    "tabler": "@tabler/core/dist",
    "icons": "@tabler/icons-webfont/dist",
    "htmx": "htmx.org/dist",
    "echarts": "echarts/dist",
}


def static_routes() -> list[Router | HTTPRouteHandler]:
    """`/static` and `/vendor/<package>`; without packages the pages work, unadorned."""
    found = modules()
    places = {f"/vendor/{name}": found / path for name, path in _VENDOR.items()} if found else {}
    return [
        create_static_files_router(path, [where], opt={"roles": ANYBODY}, include_in_schema=False)
        for path, where in {"/static": _OWN, **places}.items()
        if where.is_dir()
    ]
