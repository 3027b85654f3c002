"""Requests of the command line: signed with the desk's key, which only who runs the desk can read."""

from collections.abc import Generator
from datetime import UTC, datetime
from getpass import getuser

import httpx

from chassis.token import Principal, Signer
from contracts.identity import Role
from yibao.services import SERVICES
from yibao.settings import StackSettings


def on_this_machine(account: str = "", role: Role = "lead", institutions: tuple[str, ...] = ()) -> Principal:
    """Whoever can read the key could sign anything: he is the lead, by the name that he gives or has here."""
    return Principal(account or getuser(), role, institutions=institutions)


class Signed(httpx.Auth):
    """Each request carries a fresh token of `who` for the service that it goes to, by its port.

    Raises ValueError on a bad key.
    """

    def __init__(self, settings: StackSettings, who: Principal) -> None:
        self._who, self._signer = who, Signer(settings.desk_key)
        self._names = {settings.port(entry.name): entry.name for entry in SERVICES}

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Requests elsewhere are left as they are."""
        if name := self._names.get(request.url.port or 0):
            token = self._signer.sign(self.principal(request), name, datetime.now(UTC))
            request.headers["Authorization"] = f"Bearer {token}"
        yield request

    def principal(self, request: httpx.Request) -> Principal:
        """Who asks with this request."""
        return self._who
