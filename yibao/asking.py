"""A command that asks a service over HTTP: what goes wrong becomes a sentence and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import httpx
import typer
from rich.console import Console

from contracts.identity import Role
from yibao.services import SERVICES
from yibao.settings import StackSettings
from yibao.signing import Signed, on_this_machine

Json = dict[str, Any]
console = Console(markup=False, emoji=False, highlight=False)
WITHIN_S = 30.0
_NAMES = {entry.name: entry.purpose.partition(":")[0] for entry in SERVICES}


@contextmanager
def asking(
    service: str, staff: str = "", within_s: float = WITHIN_S, role: Role = "lead", institutions: tuple[str, ...] = ()
) -> Iterator[httpx.Client]:  # fmt: skip
    """HTTP to a service, as `staff`."""
    settings = StackSettings().located()
    try:
        auth = Signed(settings, on_this_machine(staff, role, institutions))
        with httpx.Client(base_url=settings.url(service), auth=auth, timeout=within_s, trust_env=False) as http:
            yield http
    except httpx.HTTPStatusError as error:
        fail(_message(error.response), 1)
    except httpx.HTTPError as error:
        fail(f"连不上{_NAMES[service]}服务 ({type(error).__name__}): 请先运行 make up", 2)


def answer(response: httpx.Response) -> Any:
    """The JSON of a good answer."""
    if response.is_error:
        response.read()
        response.raise_for_status()
    return response.json()


def fail(message: str, code: int) -> NoReturn:
    """Ends the command. Raises typer.Exit."""
    typer.secho(message, fg="red", err=True)
    raise typer.Exit(code) from None


def saved(http: httpx.Client, where: str, path: Path, query: Json) -> int:
    """What is there as a file; returns its bytes."""
    size = 0
    with http.stream("GET", where, params=query) as response:
        if response.is_error:
            response.read()
            response.raise_for_status()
        with path.open("wb") as file:
            for block in response.iter_bytes():
                size += file.write(block)
    return size


def given(query: Json) -> Json:
    """What somebody has filled in."""
    return {name: value for name, value in query.items() if value}


def _message(response: httpx.Response) -> str:
    try:
        told: Json = response.json()
    except ValueError:
        return f"HTTP {response.status_code}: {response.text[:200]}"
    fields = "; ".join(f"{one.get('key', '')} {one.get('message', '')}".strip() for one in told.get("fields", ()))
    return ": ".join(filter(None, (str(told.get("message", ""))[:500], fields))) or f"HTTP {response.status_code}"
