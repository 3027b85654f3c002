"""axe on every page of a desk that a day was played on, as every role, at the size of a desk and of a phone."""

import tempfile
from pathlib import Path

from bench.result import Result
from services.console.main import app
from tests.e2e.played import PEOPLE, played_in
from tests.support.browser import SIZES, browser_up, visiting
from tests.support.console import cookies_of
from tests.support.walking import Walk, kinds


async def axe() -> list[Result]:
    """All rules, on each kind of page that a role comes to."""
    serious, pages = list[str](), 0
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as directory:
        async with played_in(Path(directory)) as played, browser_up() as browser:
            settings = played.up.settings
            for role, account in PEOPLE.items():
                cookies = await cookies_of(settings, account, played.password)
                for size in SIZES:
                    async with visiting(browser, settings.url("console"), cookies, size) as visit:
                        walk = Walk(visit, kinds(app(settings), role))
                        await walk.along(played.beginning(role))
                    serious += [f"{role} {size} {finding}" for finding in walk.serious]
                    pages += len(walk.seen)
    for finding in serious:
        print(finding)
    beside = f"{pages} pages: {len(PEOPLE)} roles at {len(SIZES)} sizes, all rules of axe"
    return [Result("axe_serious", len(serious), "findings", 0, at_least=False, beside=beside)]
