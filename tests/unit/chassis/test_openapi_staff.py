"""What the API pages need to be tried out: whoever opens them says once who acts, and every request carries it."""

from datetime import UTC, datetime
from typing import Any

from litestar import Litestar, Request, post
from litestar.datastructures import State
from litestar.testing import TestClient

from chassis.access import DESK, actor_of, admit
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from chassis.token import Principal, Signer


@post("/try", status_code=200, sync_to_thread=False, roles=DESK, summary="试")
def tried(request: Request[Any, Any, Any]) -> str:
    """Who it was."""
    return actor_of(request).id


async def start(_: Service) -> None:
    """Nothing: no server is needed to be described."""


def page() -> Litestar:
    return application("knowledge", "试", Settings(), start, [tried])


def test_the_token_that_names_the_staff_is_declared_for_every_operation() -> None:
    described = page().openapi_schema.to_schema()
    [(name, scheme)] = described["components"]["securitySchemes"].items()
    assert {name: []} in described["security"], "an operation without security of its own has this one"
    assert all("security" not in operation for path in described["paths"].values() for operation in path.values())
    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")
    assert "yibao token" in scheme["description"]


def test_the_declared_token_is_the_one_that_is_read() -> None:
    described = page().openapi_schema.to_schema()
    [scheme] = described["components"]["securitySchemes"].values()
    signer = Signer(b"k" * 32)
    token = signer.sign(Principal("wang.fang", "engineer"), "knowledge", datetime.now(UTC))
    app = Litestar([tried], guards=[admit], state=State({"audience": "knowledge", "signer": signer}))
    with TestClient(app) as client:
        signed = {"Authorization": f"{scheme['scheme'].title()} {token}"}
        assert client.post("/try", headers=signed).text == "wang.fang"
        assert client.post("/try").status_code == 401
