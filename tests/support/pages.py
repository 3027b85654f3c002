"""The console's pages as tests use them: signed in as a role, a form sent, a page awaited."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from contracts.identity import Role
from tests.support.console import BY_ROLE, signed_in
from tests.support.desk import Desk
from tests.support.wait import until


def a(role: Role, desk: Desk) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """Somebody of this role, who has signed in."""
    return signed_in(desk.settings, BY_ROLE[role])


async def sent(http: httpx.AsyncClient, path: str, **form: Any) -> str:
    """Where a form leads to; fails where it was refused."""
    answer = await http.post(path, data=form)
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text[-500:]
    return str(answer.headers["Location"])


async def shown(http: httpx.AsyncClient, path: str, text: str) -> str:
    """The page, as soon as it has `text`."""

    async def look() -> str:
        answer = await http.get(path)
        return answer.text if answer.status_code == httpx.codes.OK and text in answer.text else ""

    return await until(f"{path} shows {text}", look)
