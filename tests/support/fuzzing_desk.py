"""A desk that two hospitals have lived on, fuzzed from end to end."""

import asyncio

from tests.support.desk import Desk
from tests.support.fuzzing import Fuzzed, fuzz
from tests.support.fuzzing_forms import fuzz_forms
from tests.support.matrix import routes
from tests.support.two_hospitals import both


async def everything(desk: Desk, operations: int, forms: int) -> Fuzzed:
    """So many examples for each operation of a service and each form; the forms last: they also close accounts."""
    ours, others = await both(desk)
    known = routes(desk.settings)
    found = await asyncio.to_thread(fuzz, desk.settings, known, ours, others, operations)
    found.add(await asyncio.to_thread(fuzz_forms, desk.settings, known, ours, others, forms))
    return found
