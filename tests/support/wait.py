"""Waiting for something observable, with a deadline; never for a length of time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(what: str, look: Callable[[], Awaitable[T | None]], within_s: float = 60.0) -> T:
    """The first true answer of `look`. Fails with `what` and the last answer when the deadline passes."""
    deadline = time.monotonic() + within_s
    answer: T | None = None
    while time.monotonic() < deadline:
        if answer := await look():
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {within_s:g} s: {what} (last answer: {answer!r})")
