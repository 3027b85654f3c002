"""Throughput of the whole chain at 10,000 and at 200,000 stored cases, with their clocks and alerts."""

import statistics
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from bench.chain import chain
from bench.result import Result
from bench.world import World

SMALL, LARGE = 10_000, 200_000
PAIRS = 9


async def scale(small: World, large: World, n: int) -> list[Result]:
    """Two desks side by side, one full of cases, driven in turn: what the machine does to both is no difference."""
    for world, to in ((small, SMALL), (large, LARGE)):
        await chain(world, "warm", 1_000)
        await _fill(world, to)
    rows = [(await chain(small, f"small{i}", n), await chain(large, f"large{i}", n)) for i in range(PAIRS)]
    at_small, at_large = (statistics.median(column) for column in zip(*rows, strict=True))
    value = statistics.median(full / empty for empty, full in rows)
    held = [await world.db["cases"].estimated_document_count() for world in (small, large)]
    beside = f"{at_small:,.0f}/s at up to {held[0]:,} cases, {at_large:,.0f}/s at {held[1]:,}"
    beside += f"; medians of {PAIRS} runs in turn"
    return [Result("throughput_ratio_200k_vs_10k", value, "ratio", 0.9, beside=beside)]


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
