"""What a request says besides its body: who asks, once or again, and about which version."""

from typing import Any, Final
from uuid import uuid4

from litestar import Request
from litestar.exceptions import HTTPException

from chassis.access import actor_of
from chassis.http import now
from contracts.envelope import derive_id

AnyRequest = Request[Any, Any, Any]
_LONGEST: Final = 19
"""Digits of a number that the database can hold."""


def stamp(request: AnyRequest, *about: object) -> dict[str, Any]:
    """Id, time and actor of a command; `Idempotency-Key` makes a repeated request about the same the same command."""
    once, actor = request.headers.get("Idempotency-Key"), actor_of(request)
    id_ = derive_id("idempotency", *about, actor.id, once) if once else uuid4()
    return {"id": id_, "occurred_at": now(), "actor": actor}


def expected(request: AnyRequest, may_be_new: bool = True) -> int | None:
    """From `If-Match`: the version that the caller has seen, 0 where there should be none."""
    match = request.headers.get("If-Match", "").strip('" ')
    if match and not (match.isascii() and match.isdigit() and len(match) < _LONGEST):
        new = '; 新建时为 "0"' if may_be_new else ""
        raise HTTPException(status_code=400, detail=f'If-Match 应为版本号, 例如 "3"{new}')
    return int(match) if match else None
