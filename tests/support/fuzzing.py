"""Asks every service what its own description allows, and what it does not; notes what must not come back.

A case is one request. Half of them name rows that are there, so that handlers are reached and not only the check of an
address; the rest is drawn from the description alone, fits it or breaks it. Nothing is drawn by the clock: the same
description gives the same requests.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any, Final

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chassis.token import Principal, Signer
from tests.support.fuzzing_draws import CONFIG, cases
from tests.support.matrix import Route, Rows
from yibao.services import SERVICES
from yibao.settings import StackSettings

STREAMS: Final = ("/runs/{run_id}/events", "/inbox/stream")
"""Without an end: each request would last until somebody gives up. Tests of their own read them."""
CHECKS: Final = [status_code_conformance, content_type_conformance, response_schema_conformance]
_UNTOLD: Final = re.compile(rb'Traceback \(most|site-packages|File "/|\.py\b|pymongo|pydantic|msgspec')


@dataclass
class Fuzzed:
    """How many cases there were; `wrong` has a request for each kind of thing that must not be."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)

    def add(self, other: "Fuzzed") -> None:
        self.cases += other.cases
        self.statuses += other.statuses
        self.wrong |= other.wrong


def drawing(examples: int) -> settings:
    """The same draws in every run; nothing is shrunk, for nothing fails before all is asked."""
    return settings(
        max_examples=examples, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def tells(content: bytes) -> list[str]:
    """What an answer says of the code behind it."""
    return [f"tells {at[0]!r}"] if (at := _UNTOLD.search(content)) else []


def leaks(content: bytes, said: str, foreign: Sequence[str]) -> list[str]:
    """Words of others in an answer that were not in the request."""
    return [f"says {word}" for word in foreign if word.encode() in content and word not in said]


class Fuzzer:
    """`ask` sends cases of one operation as somebody."""

    def __init__(self, stack: StackSettings, service: str, examples: int) -> None:
        self._stack, self._service, self._examples = stack, service, examples
        self._signer, self.found = Signer(stack.desk_key), Fuzzed()
        self._session = requests.Session()
        self._session.trust_env = False

    def ask(self, operation: Any, who: Principal, rows: Sequence[Rows], foreign: Sequence[str], path: Any) -> None:
        """`path` gives the address's parameters for rows; no answer may hold a word of `foreign`."""

        @drawing(self._examples)
        @given(cases(operation, [path(one) for one in rows]))
        def send(case: Case[Any]) -> None:
            self._send(case, who, foreign)

        send()

    def _send(self, case: Case[Any], who: Principal, foreign: Sequence[str]) -> None:
        token = self._signer.sign(who, self._service, datetime.now(UTC))
        try:
            answer = case.call(
                base_url=self._stack.url(self._service),
                session=self._session,
                timeout=30,
                headers={"Authorization": f"Bearer {token}"},
                allow_redirects=False,
            )
        except ValueError:  # no client could send this
            return
        except requests.RequestException as error:
            self._note(case, who, f"no answer: {type(error).__name__} {error}"[:200], b"")
            return
        self.found.cases += 1
        self.found.statuses[answer.status_code] += 1
        for wrong in self._wrongs(case, answer, foreign):
            self._note(case, who, wrong, answer.content)

    def _wrongs(self, case: Case[Any], answer: Any, foreign: Sequence[str]) -> Iterator[str]:
        if answer.status_code >= 500:
            yield str(answer.status_code)
        yield from leaks(answer.content, f"{answer.request.url} {answer.request.body!r}", foreign)
        if "json" in answer.headers.get("content-type", [""])[0]:
            yield from tells(answer.content)
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            for one in group.exceptions:
                yield f"{type(one).__name__}: {str(one)[:300]}"

    def _note(self, case: Case[Any], who: Principal, wrong: str, told: bytes) -> None:
        where = f"{self._service} {case.operation.label} as {who.role}: {wrong}"
        if where not in self.found.wrong:
            self.found.wrong[where] = f"{case.as_curl_command()[:1500]}\n    -> {told[:600].decode(errors='replace')}"


def fuzz(
    stack: StackSettings, known: Sequence[Route], ours: Rows, others: Rows, examples: int, services: Sequence[str] = ()
) -> Fuzzed:
    """Every operation of every service: hospitals first, who must not see what staff has not opened to them."""
    everything = Fuzzed()
    hospital = Principal("yiyuan.one", "hospital", institutions=(ours.code,))
    # Processes: drawing requests costs more than answering them, and CPython 3.11 cannot parse in two deep threads.
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        for who in (hospital, None):
            shares = [
                pool.submit(_service, stack, entry.name, known, (ours, others), who, examples, others.marks)
                for entry in SERVICES if not services or entry.name in services
            ]  # fmt: skip
            for share in shares:
                everything.add(share.result())
    return everything


def _service(
    stack: StackSettings, service: str, known: Sequence[Route], rows: tuple[Rows, Rows], who: Principal | None,
    examples: int, foreign: Sequence[str],
) -> Fuzzed:  # fmt: skip
    fuzzer = Fuzzer(stack, service, examples if who is None else examples // 2)
    by_name = {(route.method, route.plain): route for route in known if route.service == service}
    document = httpx.get(f"{stack.url(service)}/docs/openapi.json", trust_env=False).json()
    config = schemathesis.Config.from_dict(CONFIG)
    for result in schemathesis.openapi.from_dict(document, config=config).get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        route = by_name.get((operation.method.upper(), operation.path))
        if operation.path in STREAMS or route is None:
            continue
        if who is None:
            fuzzer.ask(operation, _staff(route), rows[:1], (), route.parameters)
        elif not route.roles or "hospital" in route.roles:
            fuzzer.ask(operation, who, rows, foreign, route.parameters)
    return fuzzer.found


def _staff(route: Route) -> Principal:
    role = next((role for role in ("lead", "admin", "ops", "officer", "auditor") if role in route.roles), "lead")
    return Principal("zhao.lei", role)  # type: ignore[arg-type]
