"""All MongoDB of accounts: one document each, disabled ones too."""

from typing import Final
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from chassis.message import Message
from chassis.store import Document, Raw, Repository
from contracts.identity import AccountCommand
from services.console.accounts.model import Account, account_id

COLLECTION: Final = "accounts"
INDEXES: Final = [
    IndexModel([("state.account", ASCENDING)], name="account"),
    IndexModel([("state.subject", ASCENDING)], name="subject", sparse=True),
    IndexModel([("state.keys.id", ASCENDING)], name="key", sparse=True),
]


class Accounts(Repository[Account]):
    """Accounts by the name under which they sign in."""

    def __init__(self, db: AsyncDatabase[Raw]) -> None:
        super().__init__(db[COLLECTION], Account)

    def id_of(self, message: Message) -> UUID:
        assert isinstance(message.body, AccountCommand)
        return account_id(message.body.account)

    async def find(self, account: str) -> Account | None:
        return await self._one({"_id": account_id(account)})

    async def by_subject(self, subject: str) -> Account | None:
        """Who is this to the office's own sign-in."""
        return await self._one({"state.subject": subject})

    async def by_key(self, key: str) -> Account | None:
        """Whose key it is."""
        return await self._one({"state.keys.id": key})

    async def all(self, limit: int = 2_000) -> list[Document[Account]]:
        """By name of the account."""
        return await self.read({}, limit=limit, sort=[("state.account", ASCENDING)])

    async def _one(self, query: Raw) -> Account | None:
        found = await self.read(query, limit=1)
        return found[0].state if found else None
