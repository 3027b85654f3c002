"""`python -m bench`: every figure of the README in one run; writes bench/results.json and the README's table.

`--only alerts` measures one of its parts again and leaves the other figures as they were.
"""

import argparse
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from bench.alerts import alerts
from bench.authorization import authorization
from bench.axe import axe
from bench.catalogue import catalogue
from bench.chain import share, throughput
from bench.classify import classify
from bench.console import console
from bench.deadlines import deadlines
from bench.ingest import ingest
from bench.latency import latency
from bench.lateness import lateness
from bench.normalise import normalisation
from bench.openapi import openapi
from bench.readme import merge_table, write_table
from bench.rebuild import rebuild
from bench.reconcile import reconcile
from bench.recovery import recovery
from bench.reports import reports
from bench.rest import rest
from bench.result import Result, merge, show, write
from bench.scale import scale
from bench.search import search
from bench.sheets import sheets
from bench.suggest import suggestions
from bench.world import world

MESSAGES = 6_000
"""For each measurement of throughput."""


async def chain() -> list[Result]:
    """One message, every deadline, and as many messages as go through, on one desk."""
    recovered = await recovery()
    async with world() as here:
        return [*await latency(here), *await lateness(here), *recovered, *await throughput(here, MESSAGES)]


async def scaled() -> list[Result]:
    async with world() as small, world() as large:
        return await scale(small, large, MESSAGES // 2)


async def bare() -> list[Result]:
    async with world() as fresh:  # servers that are not busy with anything else
        return await share(fresh, MESSAGES)


PARTS: dict[str, Callable[[], list[Result] | Coroutine[Any, Any, list[Result]]]] = {
    "normalise": normalisation,
    "classify": classify,
    "deadlines": deadlines,
    "search": search,
    "sheets": sheets,
    "rest": rest,
    "chain": chain,
    "scale": scaled,
    "bare": bare,
    "suggest": suggestions,
    "rebuild": rebuild,
    "reports": reports,
    "ingest": ingest,
    "reconcile": reconcile,
    "catalogue": catalogue,
    "authorization": authorization,
    "openapi": openapi,
    "console": console,
    "axe": axe,
    "alerts": alerts,
}
"""Each has a desk of its own, or none."""


def measured(name: str) -> list[Result]:
    print(f"{name} …", flush=True)
    results = PARTS[name]()
    return results if isinstance(results, list) else uvloop.run(results)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="do not write results.json and the README's table")
    parser.add_argument("--only", choices=PARTS, help="this part alone; the other figures stay as they were")
    arguments = parser.parse_args()
    results = [result for name in ([arguments.only] if arguments.only else PARTS) for result in measured(name)]
    show(results)
    if not arguments.keep:
        (merge if arguments.only else write)(results)
        (merge_table if arguments.only else write_table)(results)


if __name__ == "__main__":
    main()
