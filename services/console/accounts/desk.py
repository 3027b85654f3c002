"""What is done to accounts, for the console's pages and for the command line. All go through the log.

Each raises Refused with what is wrong, in Chinese; a password or key that is made is handed back and kept nowhere.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chassis.commands import CommandBus
from chassis.errors import NotFound, Refused
from contracts import identity
from contracts.envelope import Actor
from contracts.identity import AccountCommand, Rights
from services.console.accounts import keys, passwords


class Late(Refused):
    """Stored, and will be done, but not yet."""

    status = 503


class AccountDesk:
    """The wishes of one person about accounts; `address` is where he sits."""

    def __init__(self, commands: CommandBus, actor: Actor, address: str = "") -> None:
        self._commands, self._actor, self._address = commands, actor, address

    async def open(self, account: str, name: str, rights: Rights, password: bool = True, subject: str = "") -> str:
        """The password for the first sign-in; empty without `password`, for who comes by the office's own sign-in."""
        made, facts = await _first() if password else ("", {})
        await self._wish(identity.OpenAccount, account, name=name, rights=rights, subject=subject, **facts)
        return made

    async def change_rights(self, account: str, name: str, rights: Rights) -> None:
        """His sessions end: he signs in again with the new rights."""
        await self._wish(identity.ChangeRights, account, name=name, rights=rights)

    async def reset_password(self, account: str) -> str:
        """The password for the next sign-in."""
        made, facts = await _first()
        await self._wish(identity.SetPassword, account, **facts)
        return made

    async def set_password(self, account: str, password: str) -> None:
        """His own choice. Raises Refused for a weak one."""
        if weak := passwords.weakness(password, account):
            raise Refused("weak_password", weak)
        await self._wish(identity.SetPassword, account, password=await passwords.hashed(password))

    async def set_factor(self, account: str, sealed: str, recovery: tuple[str, ...]) -> None:
        """`sealed` is the secret of his authenticator app, `recovery` the hashes of codes."""
        await self._wish(identity.SetFactor, account, factor=sealed, recovery=recovery)

    async def remove_factor(self, account: str) -> None:
        """He signs in without codes again, until he sets it up anew."""
        await self._wish(identity.RemoveFactor, account)

    async def use_recovery(self, account: str, code_hash: str) -> None:
        """Raises Refused when there is no such code left."""
        await self._wish(identity.UseRecovery, account, recovery=code_hash)

    async def disable(self, account: str, reason: str = "") -> None:
        """His sessions end, his keys give no tokens."""
        await self._wish(identity.DisableAccount, account, reason=reason)

    async def enable(self, account: str) -> None:
        await self._wish(identity.EnableAccount, account)

    async def link(self, account: str, subject: str) -> None:
        """Who it is to the office's own sign-in, from now on."""
        await self._wish(identity.LinkSubject, account, subject=subject)

    async def issue_key(self, account: str, label: str, expires_at: datetime | None = None) -> str:
        """The key, which is shown once."""
        made = keys.make()
        await self._wish(
            identity.IssueKey, account, key=made.name, secret=made.hash, label=label, expires_at=expires_at
        )
        return made.key

    async def revoke_key(self, account: str, key: str) -> None:
        await self._wish(identity.RevokeKey, account, key=key)

    async def _wish(self, wish: type[AccountCommand], account: str, **facts: Any) -> None:
        stamp = {"id": uuid4(), "occurred_at": datetime.now(UTC), "actor": self._actor, "address": self._address}
        reply = await self._commands.send(wish(**stamp, account=account, **facts))
        if reply is None:
            raise Late("late", "已受理, 但还没有完成: 请稍后刷新查看")
        if not reply.ok:
            raise (NotFound if reply.code == "not_found" else Refused)(reply.code, reply.message)


async def _first() -> tuple[str, dict[str, Any]]:
    """A password for one sign-in, and what is said of it."""
    made = passwords.one_time()
    expires_at = datetime.now(UTC) + passwords.ONE_TIME_LIVES
    return made, {"password": await passwords.hashed(made), "expires_at": expires_at}
