"""Throughput of the whole chain at 10,000 and at 200,000 stored cases, with their clocks and alerts."""

import statistics
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from bench.bare import Bare, timed
from bench.chain import chain
from bench.result import Result
from bench.world import World

SMALL, LARGE = 10_000, 200_000
RUNS = 5


async def scale(world: World, n: int) -> list[Result]:
    bare = Bare(world.nc, world.js, world.db)
    await _fill(world, SMALL)
    small = [await chain(world, f"small{i}", n) for i in range(RUNS)]
    written = await timed(lambda: bare.write_only(n))
    await _fill(world, LARGE)
    large = [await chain(world, f"large{i}", n) for i in range(RUNS)]
    at_small, at_large = statistics.median(small), statistics.median(large)
    bare_ratio = await timed(lambda: bare.write_only(n)) / written
    stored = await world.db["cases"].estimated_document_count()
    beside = f"{at_small:,.0f}/s at {SMALL:,} cases, {at_large:,.0f}/s at {stored:,}; bare bulk write {bare_ratio:.2f}"
    return [Result("throughput_ratio_200k_vs_10k", at_large / at_small, "ratio", 0.9, beside=beside)]


async def _fill(world: World, to: int) -> None:
    """Copies of real documents under new ids, until `to` cases are stored."""
    for name in ("cases", "clocks", "alerts"):
        collection = world.db[name]
        templates = [d async for d in collection.find({}, limit=1_000)]
        missing = to - await collection.estimated_document_count()
        for start in range(0, missing, len(templates)):
            await collection.insert_many([_copy(d) for d in templates[: missing - start]], ordered=False)
    # The aftermath of a bulk load is not what is measured.
    await world.db.client.admin.command("fsync")


def _copy(template: dict[str, Any]) -> dict[str, Any]:
    copy = {**template, "_id": uuid4(), "causes": [uuid4() for _ in template["causes"]], "state": {**template["state"]}}
    state = copy["state"]
    if "conversation" in state:
        state["conversation"] = uuid4()
    if "next_at" in state:  # far away, so that no sweep takes the copies for timers that did not fire
        state["next_at"] = datetime.now(UTC) + timedelta(days=30)
    return copy
