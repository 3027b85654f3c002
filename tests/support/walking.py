"""Walks the console as a person would: from the first page on, along every link, to each kind of page once."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.routes import HTTPRoute
from playwright.async_api import Error

from chassis.access import ANYBODY
from contracts.identity import Role
from tests.support.browser import Visit

_PARAMETER = re.compile(r"\\{[a-z_0-9]+:(str|uuid|path|int)\\}")
_NOT_PAGES: Final = ("/docs", "/assets", "/static", "/vendor", "/health", "/metrics", "/live")
_LINKS = "[...document.querySelectorAll('a[href]')].map(a => a.href)"
_PARTS = """[...document.querySelectorAll('[hx-get], [data-insert]')]
  .map(e => new URL(e.getAttribute('hx-get') || e.dataset.insert, location).href)"""
_DRAWN = "() => !document.querySelector('.htmx-request')"
_TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


class Kind(NamedTuple):
    """A kind of page: a route that this role may GET."""

    path: str
    fits: re.Pattern[str]


def kinds(app: Litestar, role: Role) -> list[Kind]:
    """Those with fewer parameters first, so that `/knowledge/new` is not taken for an article."""
    found = []
    for route in app.routes:
        if isinstance(route, HTTPRoute) and not route.path.startswith(_NOT_PAGES):
            for handler in route.route_handlers:
                roles = handler.opt.get("roles", ANYBODY)
                if "GET" in handler.http_methods and roles != ANYBODY and role in roles:
                    found.append(Kind(route.path, re.compile(_PARAMETER.sub("[^/]+", re.escape(route.path)) + "$")))
    return sorted(found, key=lambda kind: (kind.path.count("{"), kind.path))


Look = Callable[[str], Awaitable[None]]


class Walk:
    """`seen` are paths of kinds, `fetched` of those that are parts of pages; `bad` are wrong answers, complaints of the
    browser, and links that lead nowhere for this role; `serious` are findings of axe, which need not ask `without`.
    `look` is told the kind of each page while it is open."""

    def __init__(
        self, visit: Visit, known: list[Kind], look: Look | None = None, without: tuple[str, ...] = ()
    ) -> None:
        self._visit, self._known, self._look_too, self._without = visit, known, look, without
        self.seen: set[str] = set()
        self.fetched: set[str] = set()
        self.bad: list[str] = []
        self.serious: list[str] = []

    async def along(self, first: Iterable[str] = ()) -> None:
        """From `first` on, as far as they are for this role, and from the first page."""
        waiting = [*(path for path in first if self._kind(path)), "/"]
        while waiting:
            path = waiting.pop(0)
            kind = self._kind(path)
            if kind is None and not path.startswith(_NOT_PAGES):
                self.bad.append(f"{path} is linked to, but not for this role")
            elif kind is not None and kind not in self.seen:
                self.seen.add(kind)
                waiting += await self._look(path, kind)
                self.fetched |= {part for url in self._visit.asked if (part := self._kind(_local(url)))}
                self._visit.asked.clear()

    @property
    def missed(self) -> set[str]:
        return {kind.path for kind in self._known} - self.seen - self.fetched

    async def _look(self, path: str, kind: str) -> list[str]:
        """The links of the page; a file has none."""
        visit = self._visit
        try:
            status = await visit.open(path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            self._answered(path, (await visit.context.request.get(visit.base + path)).status)
            return []
        self._answered(path, status)
        await visit.page.wait_for_function(_DRAWN)
        self.serious += [f"{path}: {finding}" for finding in await visit.serious(*self._without)]
        self.bad += [f"{path}: {finding}" for finding in visit.problems]
        visit.problems.clear()
        if (wide := await visit.page.evaluate(_TOO_WIDE)) > 1:
            self.bad.append(f"{path} is {wide} px wider than the window")
        if self._look_too is not None:
            await self._look_too(kind)
        await self._parts(await self._urls(_PARTS))
        return await self._urls(_LINKS)

    async def _parts(self, paths: list[str]) -> None:
        """Those that a click or a word would fetch."""
        for path in paths:
            if (kind := self._kind(path)) is not None and kind not in self.fetched:
                self.fetched.add(kind)
                answer = await self._visit.context.request.get(self._visit.base + path, headers={"HX-Request": "true"})
                self._answered(path, answer.status)

    async def _urls(self, script: str) -> list[str]:
        found: list[str] = await self._visit.page.evaluate(script)
        return [_local(url) for url in found if url.startswith(self._visit.base + "/")]

    def _answered(self, path: str, status: int) -> None:
        if status != 200:
            self.bad.append(f"{path} answers {status}")

    def _kind(self, path: str) -> str | None:
        bare = path.partition("?")[0]
        return next((kind.path for kind in self._known if kind.fits.match(bare)), None)


def _local(url: str) -> str:
    whole = urlsplit(url)
    return whole.path + (f"?{whole.query}" if whole.query else "")
