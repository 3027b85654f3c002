"""What was dealt with before an alert about it began. Pure."""

from datetime import datetime
from typing import NamedTuple

NOT_BY_AN_ANSWER = ("resolution", "chase")
"""Clocks that an answer to the requester does not stop."""


class Word(NamedTuple):
    """The latest time at which it was dealt with, and how."""

    at: datetime
    reason: str


class Words(NamedTuple):
    """`answered`: the requester got an answer, which not every clock stops for; `ended`: anything else."""

    answered: Word | None = None
    ended: Word | None = None

    def settles(self, happened_at: datetime, clock: str | None) -> str:
        """Why an alert about something that happened then begins settled; empty where it does not."""
        words = (self.ended, None if clock in NOT_BY_AN_ANSWER else self.answered)
        return next((word.reason for word in words if word is not None and word.at >= happened_at), "")


NOTHING = Words()
