"""What the store asks while it locates messages: whose account this is, who that is, who is on duty."""

import asyncio
from functools import lru_cache
from uuid import UUID

from chassis.http import now
from chassis.vault import Vault
from contracts.channel import Channel
from services.intake.category.categoriser import Categoriser, by_rules
from services.intake.directory.accounts import identity_key
from services.intake.directory.cache import Directory
from services.intake.duty.choose import Duty
from services.intake.duty.roster import Roster


class People:
    """The neighbours of `services.intake.threads.locating`, from memory alone."""

    def __init__(self, vault: Vault, directory: Directory, roster: Roster, judge: Categoriser = by_rules) -> None:
        self._roster, self.judge = roster, judge
        self.who = directory.who
        self._base: Duty | None = None
        self._turn = 0

        @lru_cache(maxsize=4_096)
        def identity(channel: Channel, account: str) -> UUID:
            return identity_key(vault, channel, account)

        self.identity = identity

    def duty(self) -> Duty:
        """Who may be given the case of one message.

        The messages of a batch are located in one go, before any of them has been given away: each further one
        knows how many came before it.
        """
        base = self._base
        if base is None:
            base = self._base = self._roster.snapshot(now())
            asyncio.get_running_loop().call_soon(self._batch_ends)
        if not base.people:
            return base
        self._turn += 1
        return Duty(base.people, base.load, base.rules, base.note, self._turn - 1)

    def _batch_ends(self) -> None:
        self._base, self._turn = None, 0
