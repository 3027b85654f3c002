"""Who writes to the desk and is not in the directory (未知来询人), and saying once who that is."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State

from chassis.access import DESK
from chassis.asking import stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out
from contracts.directory import Contact, Identity, RememberSender
from services.intake.directory.entries import check
from services.intake.directory.model import entry_id
from services.intake.directory.requests import Any_, Json, Limit, directory_of, entries_of, find


class Person(msgspec.Struct):
    """`contact` is a contact's id; without it a new contact is made from the rest."""

    contact: str = ""
    name: str = ""
    role: str = ""
    institution_code: str | None = None


class UnknownController(Controller):
    path = "/directory/unknown"
    tags = ("directory",)

    @get(roles=DESK, summary="不认识的来信账号")
    async def unknown(self, state: State, limit: Limit = 100) -> list[Json]:
        """Accounts with open cases that belong to no contact, those with most cases first."""
        rows = await entries_of(state).unknown_senders(limit)
        return [_row(state, row) for row in rows if not directory_of(state).who(row["_id"]).staff]

    @post("/{requester:uuid}/assign", roles=DESK, status_code=200, summary="认领账号")
    async def assign(self, state: State, request: Any_, requester: UUID, data: Person) -> Response[Json]:
        """This account belongs to this person from now on; the account's open cases are told."""
        if (sender := await entries_of(state).unknown_sender(requester)) is None:
            raise NotFound("not_found", "此来询人没有未结工单: 请刷新列表")
        contact = await _contact(state, requester, data, sender)
        identity = Identity(channel=sender["channel"], key=requester, shown=sender["requester_id"])
        check(contact.model_copy(update={"identities": (identity,)}), directory_of(state))
        facts = {"contact": contact, "identity": identity, "case_ids": sender["case_ids"]}
        stamped = stamp(request, "remember", entry_id("contact", contact.id))
        command = RememberSender.model_validate({**stamped, **facts})
        return await carry_out(state.service, command, f"/directory/contact/{contact.id}")


async def _contact(state: State, requester: UUID, data: Person, sender: dict[str, Any]) -> Contact:
    if data.contact:
        found = await find(state, "contact", data.contact)
        assert found.state is not None
        contact = Contact.model_validate(found.state.facts)
        code = contact.institution_code or data.institution_code
        return contact.model_copy(update={"institution_code": code, "identities": ()})
    if not data.name.strip():
        raise Refused("no_contact", "请选择联系人 (contact), 或填写新联系人的姓名 (name)")
    return Contact.model_validate(
        {
            "id": f"c-{requester.hex[:12]}",
            "name": data.name.strip(),
            "role": data.role.strip(),
            "institution_code": data.institution_code or sender.get("institution_code"),
        }
    )


def _row(state: State, row: dict[str, Any]) -> Json:
    row = {**row, "requester": str(row["_id"]), "case_ids": [str(id_) for id_ in row["case_ids"]]}
    del row["_id"]
    return {**row, "known_as": directory_of(state).who(UUID(row["requester"])).contact}
