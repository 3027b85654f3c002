"""What the API pages need to be tried out: whoever opens them says once who acts, and every request carries it."""

from typing import Any

from litestar import Litestar, Request, post
from litestar.testing import TestClient

from chassis.http import actor_of, application
from chassis.service import Service
from chassis.settings import Settings


@post("/try", status_code=200, sync_to_thread=False)
def tried(request: Request[Any, Any, Any]) -> str:
    """Who it was."""
    return actor_of(request).id


async def start(_: Service) -> None:
    """Nothing: no server is needed to be described."""


def page() -> Litestar:
    return application("knowledge", "试", Settings(), start, [tried])


def test_the_header_that_names_the_staff_is_declared_for_every_operation() -> None:
    described = page().openapi_schema.to_schema()
    [(name, scheme)] = described["components"]["securitySchemes"].items()
    assert {name: []} in described["security"], "an operation without security of its own has this one"
    assert all("security" not in operation for path in described["paths"].values() for operation in path.values())
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-Yibao-Staff")
    assert "工号" in scheme["description"]


def test_the_declared_header_is_the_one_that_is_read() -> None:
    described = page().openapi_schema.to_schema()
    [scheme] = described["components"]["securitySchemes"].values()
    with TestClient(Litestar([tried])) as client:
        assert client.post("/try", headers={scheme["name"]: "wang.fang"}).text == "wang.fang"
        assert client.post("/try").status_code == 401
