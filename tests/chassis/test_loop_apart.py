"""A message that fails again and again is handled by itself, so that it holds up nobody else."""

from typing import Any

import pytest

from chassis.loop import SUSPECT_AFTER, apart


class Delivered:
    def __init__(self, deliveries: int) -> None:
        self.deliveries = deliveries


def _counts(batches: Any) -> list[list[int]]:
    return [[d.deliveries for d in batch] for batch in batches]


def split(*deliveries: int) -> list[list[int]]:
    messages: Any = [Delivered(n) for n in deliveries]
    return _counts(apart(messages))


def test_messages_that_come_for_the_first_time_stay_together() -> None:
    assert split(1, 1, 2) == [[1, 1, 2]]


def test_suspects_come_alone_and_after_the_others() -> None:
    late = SUSPECT_AFTER + 1
    assert split(late, 1, late + 3, 2) == [[1, 2], [late], [late + 3]]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_nothing_is_left_out(count: int) -> None:
    messages = [SUSPECT_AFTER + n for n in range(count)]
    assert sorted(n for batch in split(*messages) for n in batch) == messages
