"""Views are counted in memory and sent together: none twice, whatever the log does."""

import json
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.errors import TimeoutError as NatsTimeout

from chassis.outgoing import Outgoing
from services.knowledge.articles.views import HOLD_S, Views


class Log:
    """Takes what is sent, each id once; `fails` has it take it and not say so, as a lost answer does."""

    def __init__(self) -> None:
        self.taken: dict[str, Outgoing] = {}
        self.fails = self.deaf = False

    async def publish(self, outgoing: Sequence[Outgoing]) -> None:
        if not self.deaf:
            self.taken |= {str(out.id): out for out in outgoing}
        if self.fails or self.deaf:
            raise NatsTimeout

    @property
    def counted(self) -> Counter[UUID]:
        found = Counter[UUID]()
        for body in (json.loads(out.body) for out in self.taken.values()):
            found[UUID(body["article_id"])] += body["views"]
        return found


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


STEPS = st.lists(
    st.one_of(st.integers(0, 3), st.sampled_from(["flush", "an hour", "lost answer", "no log"])), max_size=30
)


@given(STEPS)
async def test_every_view_is_counted_once(steps: list[int | str]) -> None:
    log = Log()
    clock = Clock()
    views, seen = Views(log, clock), Counter[UUID]()  # type: ignore[arg-type]
    for step in steps:
        if step == "an hour":
            clock.at += HOLD_S
            continue
        if isinstance(step, int):
            views.add(UUID(int=step))
            seen[UUID(int=step)] += 1
            continue
        log.fails, log.deaf = step == "lost answer", step == "no log"
        if log.fails or log.deaf:
            with pytest.raises(NatsTimeout):
                await views.flush()
        else:
            await views.flush()
    log.fails = log.deaf = False
    for _ in range(2):
        clock.at += HOLD_S
        await views.flush()
    assert log.counted == seen


async def test_an_article_that_is_opened_all_day_is_told_of_once_an_hour() -> None:
    log, clock = Log(), Clock()
    views = Views(log, clock)  # type: ignore[arg-type]
    for _ in range(2 * 60 * 24):
        views.add(UUID(int=1))
        await views.flush()
        clock.at += 30
    assert len(log.taken) == 24
