"""Answers that carry a code cost the desk little, whoever sends them and however many."""

from collections.abc import Collection, Iterable
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from services.notify import answers
from services.notify.links.codes import Codes, Told
from tests.support.make import message

CODES = Codes(bytes(range(32)))
TOLD = {Told(UUID(int=n), key) for n in range(20) for key in ("staff:wang", "contact:c1", "desk")}
KEYS = {"WangFang": {"staff:wang"}, "c1": {"contact:c1"}}


class Counting(Codes):
    made = 0

    def by_code(self, told: Iterable[Told]) -> dict[str, list[Told]]:
        told = list(told)
        self.made += len(told)
        return super().by_code(told)


class Outbox:
    def __init__(self) -> None:
        self.sent: list[Any] = []

    async def publish(self, outgoing: Collection[Any]) -> None:
        self.sent += outgoing


class Answering:
    """The part behind the stream, with the alerts of `TOLD`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.codes, self.outbox = 0, Counting(bytes(range(32))), Outbox()
        service = SimpleNamespace(nc=SimpleNamespace(new_inbox=lambda: "i"), outbox=self.outbox, db=None)
        monkeypatch.setattr(answers, "alerts_since", self._told)
        self._answers = answers.Answers(cast(Any, service), self.codes, lambda _, account: KEYS.get(account, set()))

    async def _told(self, *_: object) -> set[Told]:
        self.asked += 1
        return TOLD

    async def hear(self, *said: tuple[str, str]) -> int:
        """How many alerts are taken on by these answers: account and text."""
        made = [message(f"m{n}", text, sender=account) for n, (account, text) in enumerate(said)]
        await self._answers._handle([cast(Any, SimpleNamespace(data=m.model_dump_json().encode())) for m in made])
        return len(self.outbox.sent)


def code(n: int, key: str) -> str:
    return CODES.code(UUID(int=n), key)


async def test_for_a_stranger_no_alert_is_read_and_no_code_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    answering = Answering(monkeypatch)
    assert await answering.hear(("stranger", code(1, "desk")), ("nobody", code(2, "contact:c1"))) == 0
    assert (answering.asked, answering.codes.made) == (0, 0)


async def test_alerts_are_read_and_codes_are_made_once_for_all_answers_of_a_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering = Answering(monkeypatch)
    said = [("WangFang", code(n, "desk")) for n in range(10)] + [("c1", code(3, "contact:c1")), ("c1", code(3, "desk"))]
    assert await answering.hear(*said) == 11, "the last one is no business of theirs"
    assert (answering.asked, answering.codes.made) == (1, len(TOLD))


async def test_who_is_no_colleague_is_compared_with_their_own_alerts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    answering = Answering(monkeypatch)
    assert await answering.hear(("c1", code(5, "contact:c1"))) == 1
    assert answering.codes.made == 20
