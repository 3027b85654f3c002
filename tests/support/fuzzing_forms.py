"""Fills in every form of the console with what nobody should write there, as somebody who is signed in.

The forms are read from the pages themselves: their fields, what may be chosen, what stands there already.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import requests
from bs4 import BeautifulSoup, Tag
from hypothesis import given
from hypothesis import strategies as st

from contracts.identity import Role
from tests.support.console import BY_ROLE, PASSWORD
from tests.support.fuzzing import Fuzzed, drawing, leaks, tells
from tests.support.fuzzing_draws import NASTY
from tests.support.matrix import Route, Rows
from yibao.settings import StackSettings

ENDLESS: Final = ("/live", "/wall/live")
_ENDS: Final = ("/sign-out", "/me/sessions/end")
_AS: Final[tuple[Role, ...]] = ("hospital", "lead", "admin", "ops", "officer")
_GIVEN: Final = ("request", "desk", "state", "data", "self")
_MORE: Final = ("-1", "9" * 30, "2026-13-45", "9999-12-31", "[]", "\0", "a" * 20_000)
_VALUES = st.one_of(st.sampled_from([*NASTY, *_MORE]), st.text(max_size=40))


class Form(NamedTuple):
    """`fields` are the values that a person could choose, by name; of files there are none."""

    method: str
    path: str
    fields: Mapping[str, tuple[str, ...]]
    files: tuple[str, ...] = ()


class Visitor:
    """Signed in by the form; his session is new when it has ended."""

    def __init__(self, stack: StackSettings, role: Role, found: Fuzzed, foreign: Sequence[str]) -> None:
        self._base, self._role, self._found, self._foreign = stack.url("console"), role, found, foreign
        self._enter()

    def _enter(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Accept"] = "text/html"
        self._http.get(f"{self._base}/sign-in", timeout=30).raise_for_status()
        self._http.headers["x-csrftoken"] = self._http.cookies["csrftoken"] or ""
        form = {"account": BY_ROLE[self._role], "password": PASSWORD}
        answer = self._http.post(f"{self._base}/sign-in", data=form, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, answer.text[-2_000:]

    def forms(self, pages: Sequence[str]) -> list[Form]:
        """Each kind of form on these pages once."""
        seen: dict[tuple[str, tuple[str, ...]], Form] = {}
        for page in pages:
            answer = self._http.get(self._base + page, timeout=30)
            if answer.ok and "text/html" in answer.headers["Content-Type"]:
                for form in _forms(answer.text, page):
                    seen.setdefault((form.path, tuple(form.fields)), form)
        return [form for form in seen.values() if form.path not in _ENDS]

    def fill_in(self, form: Form, examples: int) -> None:
        @drawing(examples)
        @given(_filled(form), st.fixed_dictionaries({name: st.binary(max_size=200) for name in form.files}))
        def send(values: dict[str, list[str]], files: dict[str, bytes]) -> None:
            self._send(form, values, {name: ("list.xlsx", content) for name, content in files.items()})

        send()

    def _send(self, form: Form, values: dict[str, list[str]], files: Mapping[str, Any]) -> None:
        told: dict[str, Any] = {"params": values} if form.method == "GET" else {"data": values, "files": files or None}
        try:
            answer = self._http.request(form.method, self._base + form.path, allow_redirects=False, timeout=30, **told)
        except ValueError:  # no browser could send this
            return
        self._found.cases += 1
        self._found.statuses[answer.status_code] += 1
        wrong = [str(answer.status_code)] if answer.status_code >= 500 else []
        wrong += tells(answer.content) if "text/html" in answer.headers.get("Content-Type", "") else ()
        wrong += leaks(answer.content, f"{answer.request.url} {values}", self._foreign)
        for one in wrong:
            where = f"console {form.method} {form.path} as {self._role}: {one}"
            self._found.wrong.setdefault(where, f"{values!r:.1500}")
        if "/sign-in" in answer.headers.get("Location", ""):
            self._enter()


def fuzz_forms(stack: StackSettings, known: Sequence[Route], ours: Rows, others: Rows, examples: int) -> Fuzzed:
    """Every form, and every page with what may stand behind its `?`, as each role that sees another part of it."""
    found = Fuzzed()
    pages = [r for r in known if r.service == "console" and r.method == "GET" and r.path not in ENDLESS]
    done: set[tuple[str, tuple[str, ...]]] = set()
    for role in _AS:
        visitor = Visitor(stack, role, found, others.marks if role == "hospital" else ())
        mine = [route for route in pages if role in route.roles]
        asked = [Form("GET", route.url(ours), dict.fromkeys(_queries(route), ())) for route in mine]
        for form in [*visitor.forms([route.url(ours) for route in mine]), *(one for one in asked if one.fields)]:
            kind = form.path, tuple(form.fields)
            if role == "hospital" or kind not in done:
                visitor.fill_in(form, examples)
                done.add(kind)
    return found


def _queries(route: Route) -> Iterator[str]:
    return (name for name in route.queries if name not in (*_GIVEN, *route.parameters(Rows())))


def _forms(page: str, path: str) -> Iterator[Form]:
    for form in BeautifulSoup(page, "html.parser").find_all("form"):
        action = str(form.get("hx-post") or form.get("action") or path).partition("?")[0]
        method = "POST" if form.get("hx-post") else str(form.get("method", "GET")).upper()
        if not action.startswith("/"):
            continue
        fields: dict[str, tuple[str, ...]] = {}
        for one in form.find_all(["input", "select", "textarea", "button"], attrs={"name": True}):
            fields[str(one["name"])] = (*fields.get(str(one["name"]), ()), *_choices(one))
        files = tuple(str(one["name"]) for one in form.find_all("input", type="file", attrs={"name": True}))
        yield Form(method, action, {name: fields[name] for name in fields if name not in files}, files)


def _choices(field: Tag) -> list[str]:
    if field.name == "select":
        return [str(option.get("value", option.text)) for option in field.find_all("option")]
    return [field.text if field.name == "textarea" else str(field.get("value", ""))]


def _filled(form: Form) -> st.SearchStrategy[dict[str, list[str]]]:
    """Most fields as they may be, so that what is behind the checks of the first field is reached too."""
    return st.fixed_dictionaries({
        name: st.lists(st.sampled_from(known) if known else _VALUES, max_size=1)
        | st.lists(st.one_of(_VALUES, st.sampled_from(known or ("",))), min_size=1, max_size=2)
        for name, known in form.fields.items()
    })  # fmt: skip
