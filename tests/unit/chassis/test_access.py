"""The guard of every route: who may, who may not, who is not known; and that no route is silent about it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Controller, Litestar, Request, get, post
from litestar.datastructures import State
from litestar.testing import TestClient

from chassis import access
from chassis.access import ANYBODY, EVERYBODY, READERS, actor_of, admit, check_routes, principal_of
from chassis.errors import CannotStart
from chassis.http import application
from chassis.problems import HANDLERS
from chassis.settings import Settings
from chassis.token import Principal, Signer
from contracts.identity import TITLES, Role

ROLES: tuple[Role, ...] = get_args(Role)
SIGNER = Signer(bytes(32))
SETS = {name: value for name, value in vars(access).items() if isinstance(value, frozenset)}


@get("/open", roles=ANYBODY, sync_to_thread=False)
def open_to_anybody() -> str:
    return "open"


@post("/read", roles=READERS, sync_to_thread=False, status_code=200)
def read(request: Request[Any, Any, Any]) -> dict[str, str]:
    who, actor = principal_of(request), actor_of(request)
    return {"account": who.account, "kind": actor.kind, "id": actor.id, "name": actor.name}


class Desk(Controller):
    path = "/desk"
    opt = {"roles": frozenset({"lead"})}  # noqa: RUF012

    @get("/mine", sync_to_thread=False)
    def mine(self) -> str:
        return "mine"

    @get("/all", roles=EVERYBODY, sync_to_thread=False)
    def everybody(self) -> str:
        return "all"


def served(*routes: Any) -> Litestar:
    state = State({"audience": "intake", "signer": SIGNER})
    return Litestar(list(routes), guards=[admit], state=state, exception_handlers=HANDLERS)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(served(open_to_anybody, read, Desk)) as client:
        yield client


def token(role: Role, audience: str = "intake", lives_s: int = 300) -> dict[str, str]:
    signed = SIGNER.sign(Principal(f"a {role}", role, "某人"), audience, datetime.now(UTC), lives_s)
    return {"Authorization": f"Bearer {signed}"}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_in_where_the_route_names_it(client: TestClient[Litestar], role: Role) -> None:
    assert client.post("/read", headers=token(role)).status_code == (200 if role in READERS else 403)
    assert client.get("/desk/mine", headers=token(role)).status_code == (200 if role == "lead" else 403)
    assert client.get("/desk/all", headers=token(role)).status_code == 200
    assert client.get("/open", headers=token(role)).status_code == 200


def test_who_says_nothing_gets_in_only_where_anybody_may(client: TestClient[Litestar]) -> None:
    assert client.get("/open").status_code == 200
    for method, path in (("POST", "/read"), ("GET", "/desk/mine"), ("GET", "/desk/all")):
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "http_401")


@pytest.mark.parametrize(
    "headers",
    [
        token("lead", "sla"), token("lead", lives_s=-1), {"Authorization": token("lead")["Authorization"] + "x"},
        {"Authorization": token("lead")["Authorization"].removeprefix("Bearer ")}, {"Authorization": "Basic bGVhZDp4"},
        {"Authorization": ""}, {"X-Yibao-Staff": "lead"}, {"X-Yibao-Viewer": "engineers"}, {"Cookie": "role=lead"},
    ],
)  # fmt: skip
def test_another_services_an_expired_a_changed_token_or_a_plain_name_is_no_token(
    client: TestClient[Litestar], headers: dict[str, str]
) -> None:
    assert client.post("/read", headers=headers).status_code == 401


@given(st.binary(max_size=200))
def test_no_header_makes_the_guard_stumble(raw: bytes) -> None:
    value = bytes(byte for byte in raw if byte not in b"\r\n\x00")
    with TestClient(served(read)) as client:
        assert client.post("/read", headers={b"Authorization": b"Bearer " + value}).status_code == 401


def test_who_may_not_is_told_who_may(client: TestClient[Litestar]) -> None:
    told = client.get("/desk/mine", headers=token("hospital")).json()["message"]
    assert TITLES["hospital"] in told and TITLES["lead"] in told


def test_the_actor_is_who_signed_in_and_nobody_a_header_names(client: TestClient[Litestar]) -> None:
    other = {**token("engineer"), "X-Yibao-Staff": "somebody-else"}
    said = client.post("/read", headers=other).json()
    assert said == {"account": "a engineer", "kind": "staff", "id": "a engineer", "name": "某人"}


def test_a_route_that_does_not_say_to_whom_it_is_open_keeps_the_service_from_starting() -> None:
    @get("/silent", sync_to_thread=False)
    def silent() -> str:
        return ""

    with pytest.raises(CannotStart, match="/silent"):
        check_routes(served(read, silent))
    with pytest.raises(CannotStart, match="/silent"):
        application("intake", "试", Settings(), _nothing, [read, silent])


def test_a_controller_that_is_silent_about_one_method_is_found() -> None:
    class Half(Controller):
        path = "/half"

        @get("/said", roles=READERS, sync_to_thread=False)
        def said(self) -> str:
            return ""

        @post("/unsaid", sync_to_thread=False)
        def unsaid(self) -> str:
            return ""

    with pytest.raises(CannotStart, match="/half/unsaid"):
        check_routes(served(Half))


def test_what_the_framework_adds_itself_is_open_and_nothing_else_is() -> None:
    app = application("intake", "试", Settings(), _nothing, [read])
    check_routes(app)
    handlers = [(path, handler) for path, handler in access._handlers(app) if handler.opt["roles"] == ANYBODY]
    assert {path for path, _ in handlers} == {"/", "/health/live", "/health/ready", "/metrics"}


@pytest.mark.parametrize(("name", "roles"), SETS.items())
def test_every_set_of_roles_knows_its_roles(name: str, roles: frozenset[Role]) -> None:
    assert roles and roles <= set(ROLES), name
    assert "auditor" not in roles or name in ("READERS", "WITH_HOSPITALS", "EVERYBODY"), (
        "who only reads changes nothing"
    )


async def _nothing(_: object) -> None:
    """Nothing is started."""
