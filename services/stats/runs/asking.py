"""What a request for a run asks for, checked before it becomes a command: who asks decides whose rows count."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.datastructures import State

from chassis.errors import NotFound, Refused
from chassis.personal.masking import mask
from contracts.stats import DatasetRef, FollowUp, Wanted
from services.stats.definitions.book import Book
from services.stats.definitions.definition import Definition
from services.stats.periods import period
from services.stats.report import Scope
from services.stats.runs.rights import LEDGERS, check_asker, check_datasets, check_reworked
from services.stats.runs.store import RECONCILE
from services.stats.settings import StatsSettings
from services.stats.sources.table import tables as known_tables
from services.stats.sources.uploads import must_exist
from services.stats.viewing import Viewer

_NO_PERIOD = "请写明统计期, 例如 2026-10、2026-Q3、2026 或 2026-01..09"
_MONTH_OR_DAY = re.compile(r"\d{4}-\d\d(-\d\d)?")
Form = Literal["xlsx", "pdf", "html", "csv", "parquet"]


class Given(msgspec.Struct):
    """A data set that is to be counted."""

    table: str
    sha256: str


class Wish(msgspec.Struct):
    """Which report, on which upload or which data sets (none: those registered), of which period; see `Wanted`.

    `institutions` and `districts` narrow what is counted; nobody gets more than is theirs to see.
    """

    report: str
    upload_id: str = ""
    period: str = ""
    parameters: dict[str, str] = {}
    datasets: list[Given] = []
    institutions: list[str] | None = None
    districts: list[str] | None = None
    below: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    trial: bool = False
    definition_hash: str = ""
    forms: Annotated[tuple[Form, ...], msgspec.Meta(min_length=1)] = ("xlsx",)
    name: str = ""
    reworks: UUID | None = None


async def wanted(state: State, viewer: Viewer, wish: Wish) -> Wanted:
    """Raises NotFound and Refused with what to do instead."""
    settings: StatsSettings = state.service.state["settings"]
    check_asker(viewer, trial=wish.trial, compares=wish.report == RECONCILE)
    tables = await _checked(state, wish)
    if wish.upload_id:
        must_exist(state.service.settings.data_dir, wish.upload_id)
    scope = _within(viewer.scope, wish)
    below = settings.suppress_below if wish.below is None else max(wish.below, settings.suppress_below)
    made = Wanted(
        period=period(wish.period).text, parameters=wish.parameters, institutions=scope.institutions,
        districts=scope.districts, below=below, trial=wish.trial, forms=tuple(dict.fromkeys(wish.forms)),
        name=mask(wish.name[:255])[:255],
        datasets=tuple(DatasetRef(table=d.table, sha256=d.sha256) for d in wish.datasets),
    )  # fmt: skip
    await check_datasets(state, made.datasets, tables)
    await check_reworked(state, viewer, wish.reworks)
    return made


async def _checked(state: State, wish: Wish) -> Sequence[str]:
    """The tables that may be counted."""
    if wish.report == RECONCILE:
        _check_reconciliation(wish)
        return LEDGERS
    if (definition := await _definition(state, wish)) is None:
        return tuple(known_tables())
    _check(definition, wish)
    return definition.tables


async def _definition(state: State, wish: Wish) -> Definition | None:
    """The one that counts; None for a trial of another version, which is looked at when it runs."""
    book: Book = state.service.state["book"]
    standing = await book.find(wish.report)
    if standing is None and not wish.trial:
        raise NotFound("not_found", f"没有报表 {wish.report[:60]}: 请从 GET /reports 的目录中选择")
    return standing.definition if standing is not None and not wish.trial else None


def _check(definition: Definition, wish: Wish) -> None:
    check_parameters(definition, wish.parameters)
    if wish.upload_id and len(definition.tables) != 1:
        told = f"这张报表要用 {len(definition.tables)} 张数据表: 请先用 POST /datasets 读入数据, 再按数据集提交"
        raise Refused("many_tables", told)
    if definition.period != "none" and not wish.period and not wish.upload_id:
        raise Refused("no_period", _NO_PERIOD)


async def check_follow(state: State, follow: FollowUp, dated: bool) -> None:
    """Of what is counted later, when nobody is there to be told; `dated`: it is given a period.

    Raises NotFound, Refused.
    """
    book: Book = state.service.state["book"]
    if (standing := await book.find(follow.report)) is None:
        raise NotFound("not_found", f"没有报表 {follow.report[:60]}: 请从 GET /reports 的目录中选择")
    check_parameters(standing.definition, follow.wanted.parameters)
    await check_datasets(state, follow.wanted.datasets, standing.definition.tables)
    if not period(follow.wanted.period).text and not dated and standing.definition.period != "none":
        raise Refused("no_period", _NO_PERIOD)
    for later in follow.then:
        await check_follow(state, later, dated)


def check_parameters(definition: Definition, given: Mapping[str, str]) -> None:
    """Raises Refused for one that the report does not have."""
    known = {p.name for p in definition.parameters}
    if unknown := sorted(set(given) - known):
        names = "、".join(sorted(known)) or "无"
        raise Refused("unknown_parameter", f"报表没有参数 {'、'.join(unknown)[:100]}: 可用的参数是 {names}")


def _check_reconciliation(wish: Wish) -> None:
    if len(wish.institutions or ()) != 1:
        raise Refused("no_institution", "对账须指明一家机构: 请在 institutions 中填写一个定点医药机构编号")
    if not _MONTH_OR_DAY.fullmatch(wish.period):
        raise Refused("bad_period", "对账期间应为月或日: 2026-10 或 2026-10-31")


def _within(mine: Scope, wish: Wish) -> Scope:
    """What was asked for, within what is the asker's to see."""
    return Scope(
        _narrowed(mine.institutions, wish.institutions, str.__eq__, "机构"),
        _narrowed(mine.districts, wish.districts, str.startswith, "区划"),
    )


def _narrowed(
    mine: tuple[str, ...] | None, asked: list[str] | None, within: Callable[[str, str], bool], what: str
) -> tuple[str, ...] | None:
    if asked is None:
        return mine
    if not asked:
        raise Refused("nothing_chosen", f"{what}的列表是空的: 请至少选择一个, 或不填这一项")
    if mine is not None and (others := [a for a in asked if not any(within(a, m) for m in mine)]):
        raise Refused("not_yours", f"不能统计其他{what}的数据 ({'、'.join(others)[:100]}): 请只选择本{what}")
    return tuple(sorted(set(asked)))
