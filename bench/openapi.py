"""Services and pages asked what their descriptions allow and forbid: cases sent, and answers that were failures."""

import tempfile
from pathlib import Path

from bench.result import Result
from tests.support.console import console_in
from tests.support.fuzzing_desk import everything

OPERATIONS, FORMS = 40, 10
"""Examples for each operation of a service, and for each form of the console."""


async def openapi() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="yibao-bench-") as directory:
        async with console_in(Path(directory)) as desk:
            found = await everything(desk, OPERATIONS, FORMS)
    for where, request in found.wrong.items():
        print(where, request, sep="\n    ")
    failed = sum(n for status, n in found.statuses.items() if status >= 500)
    answered = ", ".join(f"{n:,} × {status}" for status, n in found.statuses.most_common(5))
    return [
        Result("openapi_fuzz_cases", found.cases, "cases", beside=answered),
        Result("openapi_5xx", failed, "answers", 0, at_least=False, beside=f"{len(found.wrong)} other findings"),
    ]
