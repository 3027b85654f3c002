"""Asks every route as everybody: each role, each kind of bad token, a hospital and an officer for rows of others.

A hole is a good answer where there must be none, or a single word of another hospital in any answer.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from typing import Final, NamedTuple, get_args

from chassis.token import Principal
from contracts.identity import Role
from tests.support.console import BY_ROLE, PEOPLE
from tests.support.desk import Desk
from tests.support.everybody import Everybody, everybody
from tests.support.matrix import ABSENT, NOTHING, Route, Rows, routes
from tests.support.two_hospitals import INTERNAL, both

ROLES: Final[tuple[Role, ...]] = get_args(Role)
AT_ONCE: Final = 8
_ENDS = ("/sign-out", "/me/sessions/end")
_MORE_THAN_A_ROLE = (  # routes that look at the content too before they say no
    "notify GET /duty/{staff:str}/subscription", "console POST /me/second-factor/remove", "console POST /duty/handover",
)  # fmt: skip

Outsider = tuple[Principal, Rows, Rows]
"""Who asks, about whose rows, and whose words must not be in the answer."""


class Asked(NamedTuple):
    """One case of the matrix; `hole` says what is wrong, `odd` what is not as expected but lets nobody in."""

    route: Route
    who: str
    about: str
    status: int
    hole: str = ""
    odd: str = ""

    def __str__(self) -> str:
        return f"{self.route.name} as {self.who} about {self.about}: {self.status} {self.hole or self.odd}"


async def matrix(desk: Desk) -> list[Asked]:
    """Every case of it, against a desk with all services and everybody's accounts."""
    ours, others = await both(desk)
    async with everybody(desk) as people:
        closed = [route for route in routes(desk.settings) if route.roles]
        asking = [route for route in closed if route.path not in _ENDS]
        # What an outsider has asked for himself he may be shown, so all is read before he asks for anything.
        reading = [route for route in asking if route.method == "GET"]
        changing = [route for route in asking if route.method != "GET"]
        return [
            *await _some_at_once([_by_role(people, route, role) for route in asking for role in ROLES]),
            *await _some_at_once([_by_bad_token(people, r, name) for r in closed for name in people.bad(r.service)]),
            *await _some_at_once(_by_outsiders(people, reading, _outsiders(ours, others))),
            *await _some_at_once(_by_outsiders(people, changing, _outsiders(ours, others))),
        ]


def _by_outsiders(
    people: Everybody, asking: Sequence[Route], outsiders: Sequence[Outsider]
) -> list[Coroutine[None, None, Asked]]:
    return [
        _by_outsider(people, route, who, rows, foreign)
        for route in asking
        for who, rows, foreign in outsiders
        if who.role in route.roles and (route.service != "console" or who.account in PEOPLE)
    ]


def _outsiders(ours: Rows, others: Rows) -> list[Outsider]:
    hospital = Principal("yiyuan.one", "hospital", institutions=(ours.code,))
    officer = Principal("officer.elsewhere", "officer", districts=("6203",))
    nothing_inside = NOTHING._replace(marks=(INTERNAL, *others.marks))
    both_foreign = others._replace(marks=(*ours.marks, *others.marks))
    return [(hospital, others, nothing_inside), (hospital, ours, nothing_inside), (officer, others, both_foreign)]


async def _by_role(people: Everybody, route: Route, role: Role) -> Asked:
    """Without rows and without a body: whether the guard lets him in."""
    account = BY_ROLE[role]
    who = Principal(account, role, institutions=PEOPLE[account].institutions)
    status, _, _ = await people.ask(route, who)
    if role in route.roles:
        expected = status < 500 and (status not in (401, 403) or route.name in _MORE_THAN_A_ROLE)
        refused = "" if expected else "refused though its role is named"
        return Asked(route, role, "nothing", status, odd=refused)
    wrong = "" if status == 403 else "expected 403"
    return Asked(route, role, "nothing", status, *(("", wrong) if status >= 300 else (wrong, "")))


async def _by_bad_token(people: Everybody, route: Route, name: str) -> Asked:
    status, _, _ = await people.ask(route, people.bad(route.service)[name])
    wrong = "" if status == 401 else "expected 401"
    return Asked(route, name, "nothing", status, *(("", wrong) if status >= 300 else (wrong, "")))


async def _by_outsider(people: Everybody, route: Route, who: Principal, rows: Rows, foreign: Rows) -> Asked:
    """Rows of others are as if there were none."""
    status, content, said = await people.ask(route, who, rows)
    told = [mark for mark in foreign.marks if mark.encode() in content and mark not in said]
    hole = f"says {', '.join(told)}" if told else ""
    if route.names_rows and rows.code not in who.institutions:
        nothing, empty, _ = await people.ask(route, who, ABSENT)
        same = status == nothing and (status >= 300 or _without(rows, content) == _without(ABSENT, empty))
        hole = hole or ("" if same else f"not as where there is nothing, which is {nothing}")
    return Asked(route, f"{who.role} {who.account}", rows.code, status, hole, "failed" if status >= 500 else "")


def _without(rows: Rows, content: bytes) -> bytes:
    """An answer without what the request itself has named."""
    for value in rows:
        content = content.replace(value.encode(), b"") if isinstance(value, str) else content
    return content


async def _some_at_once(cases: Sequence[Awaitable[Asked]]) -> list[Asked]:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(case: Awaitable[Asked]) -> Asked:
        async with turn:
            return await case

    return await asyncio.gather(*map(one, cases))
