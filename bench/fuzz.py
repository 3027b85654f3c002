"""`python -m bench.fuzz`: everything that reads what strangers send, fed with damaged samples; a crash fails the run.

Damage is of two kinds: bytes (flipped, cut, doubled, spliced from another sample, words that steer a parser put in)
and structure (a value of a JSON document replaced by one of another kind). The seed makes a run repeatable.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from typing import Any

from bench.fuzz_targets import TARGETS, Target, Unfit
from bench.result import Result, show

N, SEED, LONGEST = 20_000, 20261122, 64 * 1024
WORDS = tuple(
    word.encode("utf-8", "surrogatepass")
    for word in (
        "<xml>", "</xml>", "<![CDATA[", "]]>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", '"', "{", "}", "[", "]", "null",
        "1e999", "-1", "99999999999999999999", "NaN", "\\ud800", "\ud800", "\0", "\ufeff", "\r\n", "\r\n\r\n", "--XX",
        "Content-Type: ", "charset=utf-7", "charset=nothing", "=?gb2312?B?", "?=", "base64", "[CQ:", "&#91;",
        "0001-01-01", "9999-12-31T23:59:59-23:59", "text", "image", "mixed", "event",
        "620102199003074514", "13893123456", "「", "」",
        "姓名：张三", "PK\x03\x04", "=cmd|' /C calc'!A0", "，" * 40, "1" * 400, "a@" * 60, "> " * 60,
    )
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**70, 1e308, "", " ", "\0", "\ud800", "text", "0", "9" * 5_000, [], {}, [[]], {"": {}},
    "2026-11-22T12:00:00", "0001-01-01T00:00:00+14:00", {"content": []}, ["x"] * 300,
)  # fmt: skip


def damaged(r: random.Random, target: Target) -> bytes:
    """One of the samples, or nothing of it."""
    data = r.choice(target.samples)
    if r.random() < 0.02:
        return r.randbytes(r.randrange(200))
    if data[:1] in b"{[" and r.random() < 0.6:
        return json.dumps(_changed(r, json.loads(data)), ensure_ascii=r.random() < 0.9).encode("utf-8", "surrogatepass")
    for _ in range(r.choice((1, 1, 2, 4, 8))):
        data = _cut(r, data, target)
    return data[:LONGEST]


def _cut(r: random.Random, data: bytes, target: Target) -> bytes:
    at, to = sorted((r.randrange(len(data) + 1), r.randrange(len(data) + 1)))
    match r.randrange(6):
        case 0:
            return data[:at] + bytes(b ^ 1 << r.randrange(8) for b in data[at : at + 2]) + data[at + 2 :]
        case 1:
            return data[:at] + data[min(to, at + r.randrange(1, 30)) :]
        case 2:
            return data[:at] + data[at:to] * r.randrange(2, 4) + data[to:]
        case 3:
            return data[:at] + r.choice(target.samples)[at:]
        case 4:
            return data[:at] + r.randbytes(r.randrange(1, 9)) + data[at:]
    return data[:at] + r.choice(WORDS) + data[at + r.choice((0, 0, 4)) :]


def _changed(r: random.Random, value: Any) -> Any:
    """The same document with a few values of another kind."""
    if r.random() < 0.12:
        return r.choice(VALUES)
    if isinstance(value, dict):
        return {key: _changed(r, item) for key, item in value.items() if r.random() < 0.96}
    return [_changed(r, item) for item in value] if isinstance(value, list) else value


def outcome_of(target: Target, data: bytes) -> str:
    """What came of it in a word; a crash begins with `!`."""
    try:
        return target.read(data)
    except Unfit as unfit:
        return f"unfit: {unfit}"
    except Exception as error:
        return f"!{type(error).__name__}: {error}"[:200]


def fuzz(target: Target, n: int, seed: int) -> tuple[list[Result], dict[str, bytes]]:
    """The rows of one target, and an input for every kind of crash."""
    r, outcomes, crashes = random.Random(f"{seed} {target.name}"), Counter[str](), dict[str, bytes]()
    slowest = spent = 0.0
    for _ in range(n):
        data = damaged(r, target)
        started = time.process_time()
        outcome = outcome_of(target, data)
        took = time.process_time() - started
        spent, slowest = spent + took, max(slowest, took)
        outcomes[outcome] += 1
        if outcome.startswith("!"):
            crashes.setdefault(outcome, data)
    crashed = sum(times for outcome, times in outcomes.items() if outcome.startswith("!"))
    sound = sum(times for outcome, times in outcomes.items() if not outcome.startswith(("!", "unfit")))
    beside = f"{len(outcomes)} distinct outcomes, {sound / n:.0%} understood, slowest {slowest * 1e3:.0f} ms"
    name = f"fuzz_{target.name.replace(' ', '_')}"
    return [
        Result(f"{name}_crashes", crashed, f"of {n:,}", 0, at_least=False, beside=beside),
        Result(f"{name}_inputs_per_s", n / max(spent, 1e-9), "1/s"),
    ], crashes


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("-n", type=int, default=N, help="inputs per parser")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="", help="parsers whose name contains this")
    arguments = parser.parse_args()
    results: list[Result] = []
    for target in TARGETS:
        if arguments.only in target.name:
            rows, crashes = fuzz(target, arguments.n, arguments.seed)
            results += rows
            for outcome, data in crashes.items():
                print(f"{target.name}: {outcome}\n    {data[:2_000]!r}", file=sys.stderr)
    show(results)
    return 0 if all(r.holds is not False for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
