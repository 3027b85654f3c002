"""What lists of cases can be filtered by, as a query for MongoDB."""

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

import msgspec
from msgspec.structs import replace

from chassis.errors import Refused
from contracts.case import Category
from services.intake.model import Case, Status
from services.intake.outage.model import reference_query

Query = dict[str, object]


class BadRequest(Refused):
    """What was asked for cannot be understood."""

    status = 400


_DEFAULTS = {f.name: f.default for f in msgspec.structs.fields(Case)}
_MANY = ("status", "kind", "category", "priority", "channel", "assignee", "institution_code", "contact",
         "waiting_for", "owes", "asked_from")  # fmt: skip
_OUTWARD = {"status", "kind", "channel", "institution_code", "ids", "opened_since", "opened_until"}


class Filters(msgspec.Struct):
    """What is asked for; every field that is set must hold, of several values one."""

    status: list[str] | None = None
    kind: list[str] | None = None
    category: list[str] | None = None
    priority: list[str] | None = None
    channel: list[str] | None = None
    assignee: list[str] | None = None
    institution_code: list[str] | None = None
    asked_from: list[str] | None = None
    contact: list[str] | None = None
    waiting_for: list[str] | None = None
    owes: list[str] | None = None
    unassigned: bool = False
    outage: str | None = None
    ids: list[UUID] | None = None
    opened_since: datetime | None = None
    opened_until: datetime | None = None
    touched_since: datetime | None = None
    touched_until: datetime | None = None


def outward_of(filters: Filters) -> Filters:
    """The filters of a hospital. Raises BadRequest for one that would tell what only the desk knows."""
    given = {name for name in filters.__struct_fields__ if getattr(filters, name)}
    if inward := given - _OUTWARD:
        raise BadRequest("not_for_hospitals", f"医院账号不能按 {', '.join(sorted(inward))} 筛选: 请去掉这些条件")
    return replace(filters, asked_from=filters.institution_code, institution_code=None)


def query_of(filters: Filters) -> Query:
    """The filters for MongoDB, where a field that has its default is not stored."""
    query: Query = {}
    if filters.status or filters.category:  # the index begins with both
        query = {"state.status": {"$in": get_args(Status)}, "state.category": {"$in": get_args(Category)}}
    for name in _MANY:
        if wanted := getattr(filters, name):
            query[f"state.{name}"] = {"$in": [*wanted, *([None] if _DEFAULTS[name] in wanted else [])]}
    if filters.unassigned:
        query["state.assignee"] = None
    if filters.ids is not None:
        query["_id"] = {"$in": filters.ids}
    if filters.outage:
        query["state.outage"] = reference_query(filters.outage)
    for name in ("opened", "touched"):
        if between := _between(getattr(filters, f"{name}_since"), getattr(filters, f"{name}_until")):
            query[f"state.{name}_at"] = between
    return query


def _between(since: datetime | None, until: datetime | None) -> Query:
    bounds = {"$gte": since, "$lt": until}
    return {key: _aware(at) for key, at in bounds.items() if at is not None}


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise BadRequest("bad_time", "时间缺少时区: 请写成 2026-11-22T09:00:00+08:00")
    try:
        return at.astimezone(UTC)
    except OverflowError:  # the first and the last day that there are, in another zone
        raise BadRequest("bad_time", "时间超出范围: 请核对年份") from None
