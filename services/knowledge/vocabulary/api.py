"""All HTTP of synonyms (同义词): look, teach, change, remove, and try out."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import DESK
from chassis.asking import AnyRequest, expected, stamp
from chassis.errors import NotFound
from chassis.http import carry_out
from chassis.store import Document
from contracts.envelope import derive_id
from contracts.vocabulary import RemoveSynonyms, SaveSynonyms
from services.knowledge.audience import INSIDE
from services.knowledge.vocabulary.model import Group, tidy
from services.knowledge.vocabulary.shipped import shipped_groups
from services.knowledge.vocabulary.store import Vocabulary
from services.knowledge.vocabulary.synonyms import MOST_CHARACTERS, Synonyms, standing

Json = dict[str, Any]


class Words(msgspec.Struct):
    words: list[str]


class SynonymController(Controller):
    """Synonyms (同义词): whoever searches for one of a group's words finds the others too. For engineers only."""

    path = "/synonyms"
    tags = ("vocabulary",)

    @get(roles=INSIDE, summary="同义词组列表")
    async def list_groups(self, state: State) -> list[Json]:
        """Those that count now; `holds` says whether a group is as shipped or saved by the desk."""
        saved = {d.id: d for d in await _store(state).all() if d.state is not None}
        words = {id_: d.state.words if d.state and not d.state.removed else None for id_, d in saved.items()}
        return [_shown(id_, its, saved.get(id_)) for id_, its in standing(shipped_groups(), words).items()]

    @get("/expand", roles=INSIDE, summary="试一试: 检索词会扩展成哪些词")
    async def expand(self, state: State, q: Annotated[str, Parameter(max_length=MOST_CHARACTERS)] = "") -> list[Json]:
        """What a search for `q` looks for besides its own words."""
        synonyms: Synonyms = state.service.state["synonyms"]
        return [{"word": word, "equals": list(equals)} for word, equals in synonyms.expand(q)]

    @get("/{group_id:uuid}", roles=INSIDE, summary="一个同义词组")
    async def read_group(self, state: State, group_id: UUID) -> Json:
        found = await _find(state, group_id)
        if found is not None and found.state is not None and not found.state.removed:
            return _shown(group_id, found.state.words, found)
        if found is None and group_id in shipped_groups():
            return _shown(group_id, shipped_groups()[group_id].words, None)
        raise NotFound("not_found", "没有这个同义词组: 请刷新后再试")

    @post(status_code=200, roles=DESK, summary="新增同义词组")
    async def add(self, state: State, request: AnyRequest, data: Words) -> Response[Json]:
        """Where a word is in a shipped group, the new group takes its place."""
        words = tidy(data.words)
        facts = stamp(request, "synonyms", *words)
        id_ = await _store(state).home_of(words) or derive_id("synonyms", facts["id"])
        return await _save(state, request, id_, words, facts)

    @put("/{group_id:uuid}", roles=DESK, summary="修改同义词组")
    async def change(self, state: State, request: AnyRequest, group_id: UUID, data: Words) -> Response[Json]:
        """`If-Match` is the version that was read, "0" for a shipped group."""
        if group_id not in shipped_groups() and await _find(state, group_id) is None:
            raise NotFound("not_found", "没有这个同义词组: 请刷新后再试, 或新增一组")
        words = tidy(data.words)
        return await _save(state, request, group_id, words, stamp(request, "synonyms", group_id))

    @delete("/{group_id:uuid}", status_code=200, roles=DESK, summary="删除同义词组")
    async def remove(self, state: State, request: AnyRequest, group_id: UUID) -> Response[Json]:
        """A shipped group is hidden by this; saving it under its id brings it back."""
        facts = {**stamp(request, "unsynonyms", group_id), "group_id": group_id}
        command = RemoveSynonyms(**facts, expected_version=expected(request))
        return await carry_out(state.service, command, "/synonyms")


async def _save(state: State, request: AnyRequest, id_: UUID, words: tuple[str, ...], facts: Json) -> Response[Json]:
    command = SaveSynonyms(**facts, group_id=id_, words=words, expected_version=expected(request))
    return await carry_out(state.service, command, f"/synonyms/{id_}")


def _store(state: State) -> Vocabulary:
    store: Vocabulary = state.service.state["vocabulary"]
    return store


async def _find(state: State, id_: UUID) -> Document[Group] | None:
    return next(iter(await _store(state).read({"_id": id_}, limit=1)), None)


def _shown(id_: UUID, words: tuple[str, ...], document: Document[Group] | None) -> Json:
    group = document.state if document is not None and document.state and not document.state.removed else None
    return {
        "id": str(id_),
        "words": list(words),
        "holds": "saved" if group else "shipped",
        "version": document.version if group and document else 0,
        "saved_at": group.saved_at if group else None,
        "saved_by": group.saved_by if group else "",
    }
