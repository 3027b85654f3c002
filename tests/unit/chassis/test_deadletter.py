"""Under which subject a message is buried."""

import pytest

from chassis.deadletter import stream_of_durable
from contracts.topology import DURABLES, Durable


@pytest.mark.parametrize("durable", DURABLES, ids=lambda d: d.name)
def test_a_dead_letter_s_subject_names_the_stream_and_never_the_part(durable: Durable) -> None:
    assert stream_of_durable(durable.name) == durable.stream
