"""The authorization matrix, counted: cases asked of a running desk, and holes found."""

import tempfile
from pathlib import Path

from bench.result import Result
from tests.support.authorization import matrix
from tests.support.console import console_in


async def authorization() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as directory:
        async with console_in(Path(directory)) as desk:
            asked = await matrix(desk)
    holes = [case for case in asked if case.hole]
    for case in holes:
        print(case)
    routes = len({case.route.name for case in asked})
    return [
        Result("authorization_cases", len(asked), "cases", beside=f"{routes} routes of all services"),
        Result("authorization_holes", len(holes), "holes", 0, at_least=False),
    ]
