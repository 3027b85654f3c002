"""Normalisation: how many messages a core takes from bytes to folded case, and what masking lets through."""

import multiprocessing
import random
import time
from datetime import UTC, datetime

from bench.load import messages
from bench.people import planted, survivors
from bench.result import Result
from chassis.message import Moment, decode
from chassis.personal.masking import mask
from contracts.channel import ChannelMessage
from services.intake.model import case_id_of, conversation_of
from services.intake.receive import receive
from services.intake.text.plain import normalise

TEXTS, PARTS, SEED = 1_000_000, 200, 20261122


class _Delivered:
    """A delivery without a broker."""

    headers: dict[str, str] = {}  # noqa: RUF012 - never written
    deliveries, sequence = 1, 1

    def __init__(self, subject: str, data: bytes) -> None:
        self.subject, self.data = subject, data

    async def ack(self) -> None:
        """Nobody waits for it."""

    async def nak(self, delay_s: float) -> None:
        """Nobody waits for it."""


def speed(n: int = 4_000, rounds: int = 5) -> list[Result]:
    """The pure path on one core: JSON decoded, checked, normalised, masked, read, categorised, folded into a case."""
    deliveries = [_Delivered(o.subject, o.body) for o in messages("normalise", n)]
    now = datetime.now(UTC)
    _fold_all(deliveries[:500], now)
    best = min(_timed(deliveries, now) for _ in range(rounds))
    beside = f"{best / n * 1e6:.0f} µs per message, best of {rounds} rounds of {n:,}"
    return [Result("normalise_messages_per_s_core", n / best, "1/s", 5_000, beside=beside)]


def _timed(deliveries: list[_Delivered], now: datetime) -> float:
    started = time.process_time()
    _fold_all(deliveries, now)
    return time.process_time() - started


def _fold_all(deliveries: list[_Delivered], now: datetime) -> None:
    for delivery in deliveries:
        message = decode(delivery, now)
        assert isinstance(message.body, ChannelMessage)
        receive(None, Moment(now, message, case_id_of(conversation_of(message.body), 0), 0), message.body)


def misses(n: int = TEXTS) -> list[Result]:
    """Planted numbers and names that can still be read after masking; on two cores, the same texts every time."""
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        parts = pool.map(_missed, [(SEED + part, n // PARTS) for part in range(PARTS)], chunksize=1)
    numbers, missed = (sum(column) for column in zip(*parts, strict=True))
    beside = f"{numbers:,} numbers and names in {n:,} texts, {time.perf_counter() - started:.0f} s on 2 cores"
    return [Result("masking_misses", missed, "", 0, at_least=False, beside=beside)]


def _missed(part: tuple[int, int]) -> tuple[int, int]:
    seed, n = part
    r, numbers, missed = random.Random(seed), 0, 0
    for _ in range(n):
        text = planted(r)
        numbers += len(text.numbers) + len(text.names)
        missed += len(survivors(text, mask(normalise(text.text))))
    return numbers, missed


def normalisation() -> list[Result]:
    return [*speed(), *misses()]
