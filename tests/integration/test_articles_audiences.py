"""Who may read what, over HTTP: a library with articles of every audience and state, every reader, every GET route.

Each article has words that stand nowhere else: `zq<n>live` in what was published, `zq<n>draft` in what was not. No
answer holds a word, an id or a number of an article that its reader may not read, unless the request itself held it.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from chassis.settings import Settings
from services.knowledge.audience import Viewer
from services.knowledge.main import app
from tests.integration.test_articles import LI, WANG, act, ask
from tests.support.desk import Desk, desk_in
from tests.support.traces import Json
from tests.support.wait import until
from tests.unit.knowledge.articles import resolved

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

OURS, THEIRS = "H62010200123", "H62010200999"
AUDIENCES = ("engineers", "centre", "hospitals", f"hospital:{OURS}", f"hospital:{THEIRS}")
STATES = ("draft", "in_review", "published", "revised", "needs_review", "narrowed", "retired", "merged")
VIEWERS = ("centre", "hospitals", f"hospital:{OURS}", f"hospital:{THEIRS}")
READ = ("published", "revised", "needs_review")
CASE, NOWHERE = "YB-00077-00000", "YB-99999-00000"


class Shelved(NamedTuple):
    n: int
    id: str
    number: str
    audience: str
    state: str

    def told(self, viewer: Viewer) -> bool:
        return self.state in READ and viewer.may_read(self.audience)

    @property
    def secrets(self) -> tuple[str, ...]:
        return f"zq{self.n}live", self.id, self.number


class Library(NamedTuple):
    desk: Desk
    articles: list[Shelved]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def library(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Library]:
    async with desk_in(tmp_path_factory.mktemp("audiences"), "knowledge", YIBAO_COMMAND_WAIT_S="10") as desk:
        await desk.put(
            resolved(77, 3, title="zq77draft", question="zq77draft 2207").model_dump_json().encode(), "case.resolved"
        )
        kinds = [(audience, state) for audience in AUDIENCES for state in STATES]
        articles = [await shelved(desk, 100 + n, *kind) for n, kind in enumerate(kinds)]

        async def level() -> bool:
            drafted = await ask(desk, "GET", "/search?q=zq77draft", LI)
            return bool(drafted["total"] and (await ask(desk, "GET", "/index/check", LI))["same"])

        await until("the index shows everything", level)
        yield Library(desk, articles)


async def shelved(desk: Desk, n: int, audience: str, state: str) -> Shelved:
    word = "draft" if state in ("draft", "in_review") else "live"
    first = await ask(desk, "POST", "/articles", LI, content(n, word, audience))
    id_: str = first["id"]
    if state != "draft":
        await act(desk, id_, "submit")
    if word == "live":
        await act(desk, id_, "publish", WANG)
    if state == "revised":
        await ask(desk, "PUT", f"/articles/{id_}", LI, content(n, "draft", "hospitals"))
    elif state == "narrowed":
        await ask(desk, "PUT", f"/articles/{id_}", LI, content(n, "live", "engineers"))
        if audience != "engineers":
            await act(desk, id_, "submit")
            await act(desk, id_, "publish", WANG)
    elif state == "needs_review":
        await act(desk, id_, "question", why="请复核")
    elif state == "retired":
        await act(desk, id_, "retire", why="已过时")
    elif state == "merged":
        await act(desk, id_, "merge", into=(await ask(desk, "POST", "/articles", LI, content(n, "draft")))["id"])
    number = (await ask(desk, "GET", f"/articles/{id_}", LI))["number"]
    return Shelved(n, id_, number, audience, state)


def content(n: int, word: str, audience: str = "engineers") -> Json:
    said = f"zq{n}{word} 2207 门诊结算超时"
    findings = {"infno": "2207", "error": "调用超时", "institution_code": f"H99{n:09}"}
    return {
        "title": said, "question": said, "answer": said, "symptoms": said, "cause": said, "category": "结算支付",
        "findings": findings, "audience": audience, "keywords": [f"zq{n}{word}"],
    }  # fmt: skip


def asked(path: str, refs: list[str], words: list[str]) -> Iterator[str]:
    """What is asked of a route."""
    queries = {
        "/articles": ["?limit=200", "?state=draft", "?audience=engineers", "?owner=li.na", "?due=true"],
        "/search": ["?limit=100", "?q=2207&limit=100", "?q=zq&limit=100", *(f"?q={w}" for w in words),
                    "?institution=H99000000100", "?q=H99000000100", "?state=draft", "?state=merged"],
        "/search/suggest": ["?q=zq", "?q=2207", *(f"?q={w[:-1]}" for w in words)],
        "/archive/{file:str}": [f"{code}.pdf{more}" for code in (OURS, "x") for more in ("", "?with=hospitals")],
    }  # fmt: skip
    if path == "/archive/{file:str}":
        yield from (path.replace("{file:str}", one) for one in queries[path])
    elif path in queries:
        yield from (path + query for query in queries[path])
    elif "{reference:str}" in path:
        numbered = path.replace("{revision:int}", "1").replace("{old:int}", "1").replace("{new:int}", "1")
        yield from (numbered.replace("{reference:str}", ref) for ref in refs)
    else:
        yield path.replace("{sha256:str}", "0" * 64).replace("{group_id:uuid}", "00000000-0000-0000-0000-000000000000")


def routes(tmp: Any) -> list[str]:
    """Every GET route that is knowledge's own."""
    others = ("/health", "/metrics", "/schema", "/openapi", "/docs")
    made = app(Settings(data_dir=tmp))
    return [r.path for r in made.routes if "GET" in getattr(r, "methods", ()) and not r.path_format.startswith(others)]


@pytest.mark.parametrize("name", VIEWERS)
async def test_no_route_tells_a_reader_of_what_is_not_for_him(library: Library, name: str, tmp_path: Any) -> None:
    viewer, desk = Viewer(name), library.desk
    headers = {"X-Yibao-Viewer": name}
    hidden = [s for s in library.articles if not s.told(viewer)]
    secrets = [secret for s in hidden for secret in s.secrets]
    refs = [ref for s in library.articles[::3] for ref in (s.id, s.number)] + [CASE, NOWHERE]
    words = [f"zq{s.n}live" for s in library.articles[::2]]
    paths = routes(tmp_path)
    assert {"/articles", "/search", "/archive/{file:str}", "/similar/{reference:str}"} <= set(paths)
    for path in (one for route in paths for one in asked(route, refs, words)):
        answer = await desk.http.get(desk.url("knowledge", path), headers=headers)
        text = answer.text if "pdf" not in answer.headers["content-type"] else ""
        assert answer.status_code < 500, path
        told = [s for s in secrets if s in text and s not in path]
        told += [word for word in ("draft 2207", CASE) if word in text and word not in path]
        assert not told, (path, told)
        assert not ("H99" in text and "H99" not in path), path


@pytest.mark.parametrize("name", VIEWERS)
async def test_what_is_hidden_is_answered_as_what_is_not_there(library: Library, name: str) -> None:
    viewer, desk = Viewer(name), library.desk
    headers = {"X-Yibao-Viewer": name}

    async def answer(method: str, path: str, ref: str) -> tuple[int, str]:
        body = {"helpful": True} if method == "POST" else None
        url = desk.url("knowledge", path.replace("REF", ref))
        got = await desk.http.request(method, url, headers=headers, json=body)
        return got.status_code, got.text.replace(ref, "REF")

    ways = [("GET", "/articles/REF"), ("GET", "/articles/REF/versions"), ("POST", "/articles/REF/rate")]
    for method, path in ways:
        nothing = await answer(method, path, NOWHERE)
        refs = [ref for s in library.articles if not s.told(viewer) for ref in (s.id, s.number)] + [CASE]
        assert {await answer(method, path, ref) for ref in refs} == {nothing}


@pytest.mark.parametrize("name", VIEWERS)
async def test_a_reader_counts_lists_and_finds_all_that_is_for_him(library: Library, name: str) -> None:
    viewer, desk = Viewer(name), library.desk
    headers = {"X-Yibao-Viewer": name}
    readable = {s.id for s in library.articles if s.told(viewer)}
    listed = await ask(desk, "GET", "/articles?limit=200", headers)
    found = await ask(desk, "GET", "/search?limit=100", headers)
    counted = await ask(desk, "GET", "/articles/counts", headers)
    assert {a["id"] for a in listed["articles"]} == {h["article_id"] for h in found["hits"]} == readable
    assert listed["total"] == found["total"] == counted["total"] == len(readable)
    assert counted["by_category"] == {"结算支付": len(readable)}


async def test_readers_do_not_learn_from_whose_case_an_article_came(library: Library) -> None:
    path = f"/search?limit=100&institution=H99{library.articles[0].n:09}"
    assert (await ask(library.desk, "GET", path, LI))["total"] > 0
    for name in VIEWERS:
        headers = {"X-Yibao-Viewer": name}
        everything = await ask(library.desk, "GET", "/search?limit=100", headers)
        assert (await ask(library.desk, "GET", path, headers))["total"] == everything["total"]
