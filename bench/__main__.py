"""`python -m bench`: every figure of the README in one run; writes bench/results.json and the README's table."""

import argparse

import uvloop

from bench.chain import share, throughput
from bench.classify import classify
from bench.deadlines import deadlines
from bench.latency import latency
from bench.lateness import lateness
from bench.normalise import normalisation
from bench.readme import write_table
from bench.recovery import recovery
from bench.rest import rest
from bench.result import Result, show, write
from bench.scale import scale
from bench.world import world


async def bench(n: int) -> list[Result]:
    print("normalisation …", flush=True)
    results = normalisation()
    print("classifier …", flush=True)
    results += classify()
    print("deadlines …", flush=True)
    results += deadlines()
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
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("-n", type=int, default=6_000, help="messages per measurement of throughput")
    parser.add_argument("--keep", action="store_true", help="do not write results.json and the README's table")
    arguments = parser.parse_args()
    results = uvloop.run(bench(arguments.n))
    show(results)
    if not arguments.keep:
        write(results)
        write_table(results)


if __name__ == "__main__":
    main()
