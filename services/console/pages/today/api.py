"""The first page (今日): what there is to do now, for whoever looks."""

import asyncio
from datetime import datetime
from typing import Any, Final

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import EVERYBODY
from chassis.zone import BEIJING
from services.console.asking import Asker
from services.console.pages.cases.words import WORDS
from services.console.pages.partly import part
from services.console.pages.today.panels import PANELS, Panel
from services.console.web.page import AnyRequest, page


@get("/", roles=EVERYBODY, include_in_schema=False)
async def today(request: AnyRequest, desk: Asker) -> Template:
    """A part that cannot be had says so in its place."""
    panels = [panel for panel in PANELS if panel.is_for(desk.who)]
    loaded = await asyncio.gather(*(_load(request, desk, panel) for panel in panels))
    shown = [(panel, data) for panel, data in zip(panels, loaded, strict=True)]
    return page(request, "today/today.html", "今日", panels=shown, today=datetime.now(BEIJING).date(), words=WORDS)


@get("/today/{name:str}", roles=EVERYBODY, include_in_schema=False)
async def one(request: AnyRequest, desk: Asker, name: str) -> Template:
    """One part, when something has happened that it shows."""
    panel = next((p for p in PANELS if p.name == name and p.is_for(desk.who)), None)
    if panel is None:
        raise NotFoundException
    data = await part(panel.load(request, desk))
    return page(request, "today/panel.html", panel.title, panel=panel, data=data, words=WORDS)


async def _load(request: AnyRequest, desk: Asker, panel: Panel) -> Any:
    return None if panel.slow else await part(panel.load(request, desk))


ROUTES: Final[list[ControllerRouterHandler]] = [today, one]
