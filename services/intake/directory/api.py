"""HTTP of the directory: read and edit entries, import tables, read a kept number, how a contract is used."""

from typing import Annotated, cast
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.datastructures import State, UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import Body

from chassis.access import DESK, READERS, SETTERS, WITH_HOSPITALS, actor_of, principal_of
from chassis.asking import expected, stamp
from chassis.auditing import noted
from chassis.errors import NotFound, Refused
from chassis.http import carry_out, now
from chassis.vault import Unreadable
from contracts.directory import EntryKind, RemoveEntry, RevealAccount, SaveEntry, ServiceContract
from services.intake.api.sight import covers
from services.intake.directory import entries, load, requests
from services.intake.directory.accounts import revealed
from services.intake.directory.model import entry_id
from services.intake.directory.requests import (
    Any_,
    Json,
    Limit,
    directory_of,
    entries_of,
    find,
    shown,
    vault_of,
)
from services.intake.directory.seen import among, seen
from services.intake.directory.tables import NotATable
from services.intake.originals.reveal import SHORTEST_REASON
from services.intake.text.plain import normalise

_READ = WITH_HOSPITALS | SETTERS


class Table(msgspec.Struct):
    """The form's one field."""

    file: UploadFile | None = None


class Reveal(msgspec.Struct):
    """Which account, and why it has to be read."""

    identity: UUID
    reason: str


class DirectoryController(Controller):
    """Institutions, contacts, service contracts and staff (通讯录)."""

    path = "/directory"
    tags = ("directory",)

    @get("/{kind:str}", roles=_READ, summary="通讯录列表")
    async def list_entries(
        self, state: State, request: Any_, kind: EntryKind, q: str = "", limit: Limit = 100
    ) -> list[Json]:
        """Entries by key; `q` are words that all have to be in it."""
        who = principal_of(request)
        return [seen(shown(d), who) for d in await entries_of(state).matching(kind, q[:200], limit, among(kind, who))]

    @get("/{kind:str}/{key:str}", roles=_READ, summary="一条通讯录")
    async def read_entry(self, state: State, request: Any_, kind: EntryKind, key: str) -> Json:
        """One entry; `version` is what `If-Match` compares with."""
        who = principal_of(request)
        return seen(shown(await find(state, kind, key, among(kind, who))), who)

    @put("/{kind:str}/{key:str}", roles=SETTERS, summary="新增或替换通讯录")
    async def save_entry(self, state: State, request: Any_, kind: EntryKind, key: str, data: Json) -> Response[Json]:
        """Create or replace. A person's accounts are given in `accounts` and come back masked, in `identities`."""
        if normalise(key) != key:
            raise HTTPException(status_code=400, detail="编号里有空白或看不见的字符: 请改用字母、数字、点和短横线")
        before = await entries_of(state).one(kind, key)
        try:
            body = entries.requested(kind, key, data, before.state if before else None, vault_of(state))
        except (msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, msgspec.ValidationError | KeyError | TypeError):
                raise HTTPException(status_code=400, detail="accounts 应为 [{channel, account}]: 请看 /docs") from None
            raise
        entries.check(body, directory_of(state))
        facts = {"expected_version": expected(request), kind: body}
        command = SaveEntry.model_validate({**stamp(request, "save", entry_id(kind, key)), **facts})
        return await carry_out(state.service, command, f"/directory/{kind}/{key}")

    @delete("/{kind:str}/{key:str}", roles=SETTERS, status_code=200, summary="删除通讯录")
    async def remove_entry(
        self, state: State, request: Any_, kind: EntryKind, key: str, reason: str = ""
    ) -> Response[Json]:
        """Take an entry out; its history stays."""
        facts = {"kind": kind, "key": key, "reason": reason, "expected_version": expected(request)}
        command = RemoveEntry.model_validate({**stamp(request, "remove", entry_id(kind, key)), **facts})
        return await carry_out(state.service, command, f"/directory/{kind}/{key}")

    @post("/{kind:str}/{key:str}/reveal", roles=DESK, status_code=200, summary="查看联系方式")
    async def reveal(self, state: State, request: Any_, kind: EntryKind, key: str, data: Reveal) -> Response[Json]:
        """A phone number or a mailbox in clear; who read it and why is on the log before it is shown."""
        if len(data.reason.strip()) < SHORTEST_REASON:
            raise HTTPException(status_code=400, detail="请写明查看号码的理由 (至少 4 个字), 例如: 回拨来询人电话")
        facts = {"kind": kind, "key": key, "identity": data.identity, "reason": data.reason}
        command = RevealAccount.model_validate({**stamp(request, "reveal", entry_id(kind, key)), **facts})
        answer = await carry_out(state.service, command, f"/directory/{kind}/{key}")
        if answer.status_code != 200:
            return answer
        kept = entries.identities_of((await find(state, kind, key)).state)
        one = next((i for i in kept if i.key == data.identity and i.sealed), None)
        if one is None:
            raise NotFound("no_account", "这个账号刚刚被移除: 请刷新后再看")
        why, cause = f"联系方式: {data.reason.strip()}", UUID(answer.content["command_id"])
        await noted(state.service, request, "revealed", f"{kind}/{key}", detail=why, cause=cause)
        try:
            return Response({"account": revealed(vault_of(state), one)}, headers={"Cache-Control": "no-store"})
        except Unreadable as error:
            raise Refused("unreadable", f"{error}: 请重新录入这个号码") from None

    @post("/import", roles=SETTERS, status_code=200, summary="导入通讯录")
    async def import_table(
        self,
        state: State,
        request: Any_,
        kind: EntryKind,
        data: Annotated[Table, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Json:
        """Save every row of a CSV (form field `file`); says of each row what became of it."""
        if not isinstance(data.file, UploadFile):
            raise Refused("no_file", "没有收到文件: 请用表单字段 file 上传 CSV 文件")
        try:
            return await load.load(state, kind, await data.file.read(), actor_of(request), now())
        except NotATable as error:
            raise Refused("not_a_table", str(error)) from None

    @get("/contracts/{key:str}/usage", roles=READERS, summary="合同用量")
    async def usage(self, state: State, request: Any_, key: str) -> Json:
        """Trainings held (resolved or closed), planned (still open) and left of what the contract allows."""
        who = principal_of(request)
        found = await find(state, "contract", key, among("contract", who))
        contract = cast(ServiceContract, requests.entry(found).body)
        cases = await entries_of(state).trainings(contract)
        held = [c for c in cases if c["status"] in ("resolved", "closed")]
        return {
            "contract": contract.model_dump(mode="json"),
            "allowed": contract.trainings,
            "held": len(held),
            "planned": len(cases) - len(held),
            "left": max(0, contract.trainings - len(held)),
            "cases": [c for c in cases if covers(who, c.get("institution_code"))],
        }
