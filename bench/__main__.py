"""`python -m bench`: every figure of the README in one run; writes bench/results.json and the README's table.

`--only alerts` measures one of its parts again and leaves the other figures as they were.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable

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


async def agreed() -> list[Result]:
    return await asyncio.to_thread(catalogue)


async def found() -> list[Result]:
    return await asyncio.to_thread(search)


async def written() -> list[Result]:
    return await asyncio.to_thread(sheets)


async def read_in() -> list[Result]:
    return await asyncio.to_thread(ingest)


async def reconciled() -> list[Result]:
    return await asyncio.to_thread(reconcile)


async def reported() -> list[Result]:
    return await asyncio.to_thread(reports)


ALONE: dict[str, Callable[[], Awaitable[list[Result]]]] = {
    "alerts": alerts,
    "authorization": authorization,
    "axe": axe,
    "catalogue": agreed,
    "console": console,
    "ingest": read_in,
    "openapi": openapi,
    "rebuild": rebuild,
    "reconcile": reconciled,
    "reports": reported,
    "rest": rest,
    "search": found,
    "sheets": written,
    "suggest": suggestions,
}
"""Parts that can be measured alone: each has a desk of its own."""


async def bench(n: int) -> list[Result]:
    print("normalisation …", flush=True)
    results = normalisation()
    print("classifier …", flush=True)
    results += classify()
    print("deadlines …", flush=True)
    results += deadlines()
    print("search …", flush=True)
    results += search()
    print("workbooks …", flush=True)
    results += sheets()
    print("at rest …", flush=True)
    results += await rest()
    print("recovery …", flush=True)
    recovered = await recovery()
    async with world() as here:
        print("latency …", flush=True)
        results += await latency(here)
        print("lateness …", flush=True)
        results += [*await lateness(here), *recovered]
        print("throughput …", flush=True)
        results += await throughput(here, n)
    print("scale …", flush=True)
    async with world() as small, world() as large:
        results += await scale(small, large, n // 2)
    print("intake beside the bare loop …", flush=True)
    async with world() as fresh:  # servers that are not busy with anything else
        results += await share(fresh, n)
    print("suggestions …", flush=True)
    results += await suggestions()
    print("search index …", flush=True)
    results += await rebuild()
    print("reports …", flush=True)
    results += reports()
    print("uploads …", flush=True)
    results += ingest()
    print("reconciliation …", flush=True)
    results += reconcile()
    print("alerts …", flush=True)
    return [*results, *await alerts()]


async def alone(name: str) -> list[Result]:
    return await ALONE[name]()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("-n", type=int, default=6_000, help="messages per measurement of throughput")
    parser.add_argument("--keep", action="store_true", help="do not write results.json and the README's table")
    parser.add_argument("--only", choices=ALONE, help="this part alone; the other figures stay as they were")
    arguments = parser.parse_args()
    results = uvloop.run(alone(arguments.only) if arguments.only else bench(arguments.n))
    show(results)
    if not arguments.keep:
        (merge if arguments.only else write)(results)
        (merge_table if arguments.only else write_table)(results)


if __name__ == "__main__":
    main()
