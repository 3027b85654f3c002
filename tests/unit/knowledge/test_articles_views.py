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
from services.knowledge.articles.views import Views


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


STEPS = st.lists(st.one_of(st.integers(0, 3), st.sampled_from(["flush", "lost answer", "no log"])), max_size=30)


@given(STEPS)
async def test_every_view_is_counted_once(steps: list[int | str]) -> None:
    log = Log()
    views, seen = Views(log), Counter[UUID]()  # type: ignore[arg-type]
    for step in steps:
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
    await views.flush()
    await views.flush()
    assert log.counted == seen
