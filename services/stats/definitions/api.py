"""All HTTP of definitions (口径): the catalogue in force, all versions, differences, and the steps of agreement."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.access import CENTRE, DESK, LEADS, READERS, WITH_HOSPITALS
from chassis.asking import AnyRequest, stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out
from contracts.definition import (
    ApproveDefinition,
    ConfirmDefinition,
    DraftDefinition,
    EnforceDefinition,
    RetireDefinition,
    ReturnDefinition,
    VersionCommand,
)
from services.stats.definitions.book import Book, Standing
from services.stats.definitions.checking import problems
from services.stats.definitions.definition import FAMILIES, Definition, read
from services.stats.definitions.differing import differences
from services.stats.definitions.model import STATUS_NAMES, Agreement, Version
from services.stats.definitions.store import Definitions
from services.stats.desk import staff_only
from services.stats.sources.table import tables

Json = dict[str, Any]
Step = Literal["approve", "enforce", "retire"]
_STEPS: dict[Step, type[VersionCommand]] = {
    "approve": ApproveDefinition, "enforce": EnforceDefinition, "retire": RetireDefinition,
}  # fmt: skip


class Draft(msgspec.Struct):
    """The definition's YAML and its SQL."""

    source: str
    sql: str
    note: str = ""


class Move(msgspec.Struct):
    """Why; `department` is who confirms."""

    note: str = ""
    department: str = ""


class BadDefinition(Refused):
    """It cannot be counted as it is written."""

    status = 422


class ReportController(Controller):
    """The catalogue (报表目录): every report that can be counted now."""

    path = "/reports"
    tags = ("reports",)

    @get(roles=WITH_HOSPITALS, summary="报表目录")
    async def list_reports(self, state: State) -> list[Json]:
        standing = await _book(state).standing()
        return [_shown(s) for s in standing.values()]

    @get("/{report:str}", roles=WITH_HOSPITALS, summary="一张报表的口径")
    async def read_report(self, state: State, report: str) -> Json:
        """The whole definition in force, and which columns its tables need."""
        if (standing := await _book(state).find(report)) is None:
            raise NotFound("not_found", f"没有报表 {report[:60]}: 请从 GET /reports 的目录中选择")
        definition = standing.definition
        needed = {t: tables()[t].title for t in definition.tables if t in tables()}
        return {**msgspec.to_builtins(definition), **_shown(standing), "needs": needed}


class DefinitionController(Controller):
    """Versions of definitions, and how they come into force."""

    path = "/definitions"
    tags = ("definitions",)
    guards = (staff_only,)

    @get(roles=READERS, summary="口径的全部版本")
    async def list_definitions(self, state: State) -> list[Json]:
        """Those that the desk has drafted; what is shipped stands in GET /reports."""
        return [_agreement(d.state) for d in await _store(state).all() if d.state is not None]

    @get("/{report:str}", roles=READERS, summary="一张报表的口径版本")
    async def read_definition(self, state: State, report: str) -> Json:
        found = await _store(state).find(report)
        if found is None or found.state is None:
            raise NotFound("not_found", "服务台还没有修订过这张报表的口径: 现行口径见 GET /reports")
        return _agreement(found.state)

    @get("/{report:str}/text/{hash_:str}", roles=READERS, summary="一个版本的全文")
    async def read_text(self, state: State, report: str, hash_: str) -> Json:
        source, sql = await _text(state, report, hash_)
        return {"report": report, "hash": hash_, "source": source, "sql": sql}

    @get("/{report:str}/diff", roles=READERS, summary="两个版本的差异")
    async def diff(
        self, state: State, report: str, before: Annotated[str, Parameter(max_length=64)],
        after: Annotated[str, Parameter(max_length=64)],
    ) -> Json:  # fmt: skip
        """Which fields changed, and the lines of the SQL."""
        old, new = [read(*await _text(state, report, h)) for h in (before, after)]
        return {"report": report, "before": before, "after": after, **differences(old, new)}

    @post("/{report:str}", status_code=200, roles=DESK, summary="起草口径")
    async def draft(self, state: State, request: AnyRequest, report: str, data: Draft) -> Response[Json]:
        """A new version as a draft; it is looked over first, and nothing is kept that cannot be counted."""
        facts = stamp(request, "draft", report)
        if wrong := await problems(data.source, data.sql):
            raise BadDefinition("bad_definition", "口径有问题: " + "; ".join(wrong))
        wish = DraftDefinition(**facts, report=report, source=data.source, sql=data.sql, note=data.note)
        return await carry_out(state.service, wish, f"/definitions/{report}")

    @post("/{report:str}/{hash_:str}/confirm", status_code=200, roles=CENTRE, summary="业务部门确认一个版本")
    async def confirm(self, state: State, request: AnyRequest, report: str, hash_: str, data: Move) -> Response[Json]:
        """By somebody of the centre, for a `department`."""
        return await _move(state, request, ConfirmDefinition, report, hash_, data.note, department=data.department)

    @post("/{report:str}/{hash_:str}/return", status_code=200, roles=LEADS | CENTRE, summary="退回一个版本")
    async def send_back(self, state: State, request: AnyRequest, report: str, hash_: str, data: Move) -> Response[Json]:
        """Back to a draft; `note` says why."""
        return await _move(state, request, ReturnDefinition, report, hash_, data.note)

    @post("/{report:str}/{hash_:str}/{step:str}", status_code=200, roles=LEADS, summary="审批、生效或停用一个版本")
    async def move(
        self, state: State, request: AnyRequest, report: str, hash_: str, step: Step, data: Move
    ) -> Response[Json]:
        """`retire` needs a note."""
        return await _move(state, request, _STEPS[step], report, hash_, data.note)


async def _move(
    state: State, request: AnyRequest, command: type[VersionCommand], report: str, hash_: str, note: str, **more: str
) -> Response[Json]:
    stamped = stamp(request, command.__name__, report, hash_)
    return await carry_out(
        state.service, command(**stamped, report=report, hash=hash_, note=note, **more), f"/definitions/{report}"
    )


def _shown(standing: Standing) -> Json:
    d: Definition = standing.definition
    return {
        "report": d.id, "title": d.title, "family": d.family, "family_name": FAMILIES[d.family], "unit": d.unit,
        "basis": d.basis, "owner": d.owner, "purpose": d.purpose, "period": d.period, "tables": list(d.tables),
        "parameters": msgspec.to_builtins(d.parameters), "definition_hash": d.hash, "origin": standing.origin,
    }  # fmt: skip


def _agreement(agreement: Agreement) -> Json:
    return {"report": agreement.report, "versions": [_version(v) for v in reversed(agreement.versions)]}


def _version(version: Version) -> Json:
    shown: Json = msgspec.to_builtins(version)
    return {k: v for k, v in shown.items() if k not in ("source", "sql")} | {
        "status_name": STATUS_NAMES[version.status]
    }


def _book(state: State) -> Book:
    book: Book = state.service.state["book"]
    return book


def _store(state: State) -> Definitions:
    store: Definitions = state.service.state["definitions"]
    return store


async def _text(state: State, report: str, hash_: str) -> tuple[str, str]:
    if (found := await _book(state).text(report, hash_)) is None:
        raise NotFound("not_found", "没有这个版本的口径: 请用 GET /definitions 查看版本")
    return found
