"""What the routes of directory and duty share: what was built at the start, an entry as staff see it."""

from typing import Annotated, Any, cast

from litestar import Request
from litestar.datastructures import State
from litestar.params import Parameter

from chassis.errors import NotFound
from chassis.store import Document
from chassis.vault import Vault
from contracts.directory import EntryKind
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


async def find(state: State, kind: EntryKind, key: str, among: Json | None = None) -> Document[Entry]:
    """Raises NotFound; `among` are the entries that whoever asks may see."""
    if (found := await entries_of(state).one(kind, key, among)) is None:
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


def entry(document: Document[Entry]) -> Entry:
    """What a document that was read holds."""
    assert document.state is not None
    return document.state
