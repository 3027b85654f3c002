"""How old what waits can be, by what is known without looking into the stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import health
from chassis.health import oldest_s
from chassis.inbox import FETCHED_UP_TO, NatsDelivery


@given(
    gaps=st.lists(st.floats(0.01, 100), min_size=1, max_size=30), fetched=st.integers(0, 29), idle=st.integers(0, 29)
)
def test_it_is_never_less_than_the_age_of_the_oldest_and_not_more_than_since_nothing_waited(
    gaps: list[float], fetched: int, idle: int
) -> None:
    stored = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    fetched, idle = fetched % len(stored), idle % len(stored)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "_nothing_waited_at", {"d": stored[min(idle, fetched)]})
        patch.setitem(FETCHED_UP_TO, "d", stored[fetched])
        now = stored[-1] + 1
        oldest = now - (stored[fetched + 1] if fetched + 1 < len(stored) else now)
        assert oldest <= oldest_s("d", now) <= now - stored[min(idle, fetched)]


class _Msg:
    headers = None

    def __init__(self, reply: str) -> None:
        self.reply = reply


@pytest.mark.parametrize("reply", [
    "$JS.ACK.CHANNEL.intake-channel.1.7.7.1795428730250000000.3",
    "$JS.ACK.hub.ACCOUNT.CHANNEL.intake-channel.1.7.7.1795428730250000000.3.random",
])  # fmt: skip
def test_an_acknowledgement_says_when_its_message_was_stored(reply: str) -> None:
    assert NatsDelivery(_Msg(reply)).stored_at == pytest.approx(1795428730.25)  # type: ignore[arg-type]
