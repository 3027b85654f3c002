"""Descriptions say how errors really look, and of which kind an answer is."""

from typing import Any

from litestar import Response, get

from chassis.access import ANYBODY
from chassis.describing import answering
from chassis.http import application
from chassis.problems import HANDLERS
from chassis.settings import Settings


@get("/plain", roles=ANYBODY, sync_to_thread=False)
def plain(size: int) -> int:
    return size


@get("/file", roles=ANYBODY, sync_to_thread=False, operation_class=answering("text/csv", "application/json"))
def file() -> Response[Any]:
    return Response(b"")


@get("/page", roles=ANYBODY, sync_to_thread=False, operation_class=answering("text/html", also=("4XX",)))
def page() -> Response[Any]:
    return Response(b"")


async def nothing(_: Any) -> None:
    """No service runs here."""


def responses(path: str) -> dict[str, Any]:
    app = application("intake", "测试", Settings(), nothing, [plain, file, page])
    told: dict[str, Any] = app.openapi_schema.to_schema()["paths"][path]["get"]["responses"]
    return told


def test_errors_are_described_as_they_are_and_not_as_the_framework_makes_them() -> None:
    assert set(responses("/plain")) == {"200", "4XX", "5XX"}
    assert responses("/plain")["4XX"] == {"$ref": "#/components/responses/Problem"}


def test_a_file_has_each_of_its_types() -> None:
    assert set(responses("/file")["200"]["content"]) == {"text/csv", "application/json"}
    assert responses("/file")["4XX"] == {"$ref": "#/components/responses/Problem"}


def test_what_a_page_cannot_show_it_says_as_a_page() -> None:
    assert set(responses("/page")["4XX"]["content"]) == {"text/html"}


def test_a_number_without_room_in_the_database_is_the_askers_mistake() -> None:
    answer: Response[Any] = HANDLERS[OverflowError](None, OverflowError())  # type: ignore[arg-type]
    assert answer.status_code == 400
