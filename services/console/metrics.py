"""What ops watch of the console: who gets in and who does not, and how long pages take."""

from time import perf_counter
from typing import Final

from litestar.types import Message, Scope
from prometheus_client import Counter, Gauge, Histogram

SIGN_INS = Counter("yibao_console_sign_ins_total", "Tries to sign in by what came of them", ["outcome"])
PAGES = Histogram(
    "yibao_console_pages_seconds",
    "From a request of a page to the head of its answer, by route",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
READERS = Gauge("yibao_console_readers", "Pages that are open and hear what happens")
_BEGAN: Final = "began"


def begins(scope: Scope) -> None:
    """A page is asked for."""
    scope["state"][_BEGAN] = perf_counter()


async def answered(message: Message, scope: Scope) -> None:
    """Litestar's `before_send`; files and health are no pages and have not begun."""
    if message["type"] == "http.response.start" and (began := scope["state"].pop(_BEGAN, None)) is not None:
        PAGES.labels(scope["path_template"]).observe(perf_counter() - began)
