"""What the routes of directory and duty share: what was built at the start, who asks, an entry as staff see it."""

from typing import Annotated, Any, cast
from uuid import UUID, uuid4

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from chassis.errors import NotFound
from chassis.http import actor_of, now
from chassis.store import Document
from chassis.vault import Vault
from contracts.directory import EntryKind
from contracts.envelope import derive_id
from services.intake.directory.cache import Directory
from services.intake.directory.model import Entry
from services.intake.directory.store import Entries

Json = dict[str, Any]
Any_ = Request[Any, Any, Any]
Limit = Annotated[int, Parameter(ge=1, le=1_000)]


def entries_of(state: State) -> Entries:
    return cast(Entries, state.service.state["entries"])


def directory_of(state: State) -> Directory:
    return cast(Directory, state.service.state["directory"])


def vault_of(state: State) -> Vault:
    return cast(Vault, state.service.state["vault"])


async def find(state: State, kind: EntryKind, key: str) -> Document[Entry]:
    """Raises NotFound."""
    if (found := await entries_of(state).one(kind, key)) is None:
        raise NotFound("not_found", f"通讯录里没有 {key}: 请核对编号, 或先新建")
    return found


def shown(document: Document[Entry]) -> Json:
    """An entry as staff see it: no account in clear, nor sealed."""
    state = entry(document)
    facts = dict(state.facts)
    if "identities" in facts:
        facts["identities"] = [
            {"channel": i["channel"], "key": i["key"], "shown": i["shown"], "can_reveal": bool(i.get("sealed"))}
            for i in facts["identities"]
        ]
    return {"kind": state.kind, "key": state.key, "version": document.version, "saved_at": state.saved_at, **facts}


def stamp(request: Any_, verb: str, id_: UUID) -> Json:
    """Id, time and actor of a command; `Idempotency-Key` makes a repeated request the same command."""
    once, actor = request.headers.get("Idempotency-Key"), actor_of(request)
    id_ = derive_id("idempotency", verb, id_, actor.id, once) if once else uuid4()
    return {"id": id_, "occurred_at": now(), "actor": actor}


def expected(request: Any_) -> int | None:
    """From `If-Match`: the version that the caller has seen, 0 where there should be none."""
    match = request.headers.get("If-Match", "").strip('" ')
    if match and not (match.isascii() and match.isdigit()):
        raise HTTPException(status_code=400, detail='If-Match 应为版本号, 例如 "3"; 新建时为 "0"')
    return int(match) if match else None


def entry(document: Document[Entry]) -> Entry:
    """What a document that was read holds."""
    assert document.state is not None
    return document.state
