"""A browser without a screen: it keeps cookies, sends the forms' token back, and follows where it is sent."""

import re
from uuid import uuid4

import httpx

from chassis.commands import CommandBus
from contracts.envelope import Actor
from contracts.identity import Rights
from services.console.accounts.desk import AccountDesk
from tests.support.desk import Desk

PASSWORD = "医保目录每月十五日更新一次"
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


class Browser:
    """`last` is the page that is open."""

    def __init__(self, desk: Desk, agent: str = "browser") -> None:
        base, headers = desk.settings.url("console"), {"Accept": "text/html", "User-Agent": agent}
        self.http = httpx.AsyncClient(base_url=base, headers=headers, timeout=20, trust_env=False)
        self.last: httpx.Response

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def get(self, path: str, follow: bool = True) -> httpx.Response:
        self.last = await self.http.get(path, follow_redirects=follow)
        return self.last

    async def post(self, path: str, follow: bool = True, **form: str) -> httpx.Response:
        """A form of the page that is open."""
        self.last = await self.http.post(path, data={"_csrf_token": self.token, **form}, follow_redirects=follow)
        return self.last

    @property
    def token(self) -> str:
        found = _TOKEN.search(self.last.text)
        return found[1] if found else ""

    async def sign_in(self, account: str, password: str = PASSWORD) -> httpx.Response:
        """Fills in the form of the first page."""
        await self.get("/sign-in")
        return await self.post("/sign-in", follow=False, account=account, password=password)

    async def is_in(self) -> bool:
        """Whether it may see its own page."""
        return (await self.get("/me", follow=False)).status_code == httpx.codes.OK


async def accounts_in(desk: Desk, actor: str = "root.admin") -> AccountDesk:
    """What an administrator does to accounts, over the log."""
    commands = CommandBus(desk.client, desk.outbox, 20)
    await commands.start()
    return AccountDesk(commands, Actor(kind="staff", id=actor, name="管理员"), "127.0.0.9")


async def account_of(accounts: AccountDesk, role: str, *institutions: str) -> str:
    """Opens one of this role, who has chosen a password; its name."""
    name = f"{role}-{uuid4().hex[:8]}"
    await accounts.open(name, "测试", Rights.model_validate({"role": role, "institutions": institutions}))
    await accounts.set_password(name, PASSWORD)
    return name
