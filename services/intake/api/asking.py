"""HTTP of those who ask: a question, a further message, whether it is solved. What they say goes the channels' way.

A hospital acts on the cases of its institutions, anybody else on those that he asked himself.
"""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Controller, Response, post
from litestar.datastructures import State

from chassis.access import ASKERS, principal_of
from chassis.asking import AnyRequest, stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out, now
from chassis.store import Document
from chassis.token import Principal
from contracts.case import CaseCommand, CloseCase, ReopenCase
from contracts.channel import ChannelMessage
from contracts.envelope import Actor, derive_id
from services.intake.api.questions import Question, message_of_question, parse_question
from services.intake.api.support import Json, find
from services.intake.channels.forms.api import LARGEST_FORM, kept, read_form
from services.intake.channels.hub import Hub, hub_of
from services.intake.channels.naming import coded
from services.intake.channels.reading import BadPayload, object_of
from services.intake.channels.routes import on_bad
from services.intake.model import Case

CONFIRMED = "来询人确认已解决"


class Unsolved(msgspec.Struct):
    """What is still wrong."""

    text: str


class AskController(Controller):
    """Questions (提问). `Idempotency-Key` makes a repeated question the same question."""

    tags = ("questions",)
    exception_handlers = {BadPayload: on_bad}  # noqa: RUF012  the framework declares it so

    @post("/questions", roles=ASKERS, status_code=202, request_max_body_size=LARGEST_FORM, summary="提问")
    async def ask(self, state: State, request: AnyRequest) -> Json:
        """A new case: `text`, `category`, `institution`; JSON, or multipart with `files`."""
        question, files = await _read(state, request)
        code = _institution(principal_of(request), question.institution)
        return await _take(state, request, question, files, institution_code=code)

    @post(
        "/cases/{reference:str}/messages", roles=ASKERS, status_code=202, request_max_body_size=LARGEST_FORM,
        summary="补充消息",
    )  # fmt: skip
    async def add(self, state: State, request: AnyRequest, reference: str) -> Json:
        """More about a case, by whoever asked: `text`; JSON, or multipart with `files`."""
        found, case = await _asked(state, request, reference)
        if case.merged_into is not None:
            raise Refused("merged", "工单已并入另一件: 请到那件工单留言, 或重新提问")
        question, files = await _read(state, request)
        return await _take(state, request, question, files, institution_code=case.asked_from, case_id=found.id)

    @post("/cases/{reference:str}/confirm", roles=ASKERS, status_code=200, summary="确认已解决")
    async def confirm(self, state: State, request: AnyRequest, reference: str) -> Response[Json]:
        """It is solved, says whoever asked: the case is closed."""
        return await _say(state, request, reference, CloseCase, CONFIRMED)

    @post("/cases/{reference:str}/unsolved", roles=ASKERS, status_code=200, summary="反馈未解决")
    async def unsolved(self, state: State, request: AnyRequest, reference: str, data: Unsolved) -> Response[Json]:
        """It is not solved, says whoever asked, and why: the desk takes it up again."""
        return await _say(state, request, reference, ReopenCase, data.text.strip())


async def _read(state: State, request: AnyRequest) -> tuple[Question, list[Any]]:
    """Raises BadPayload where nothing is asked."""
    fields, files = await read_form(request)
    return parse_question(object_of(coded(state, fields)), len(files)), files


class _Bad(Refused):
    status = 400


def _institution(who: Principal, named: str) -> str | None:
    """The institution in whose name somebody asks. Raises Refused."""
    if who.role != "hospital":
        return named or None
    if named and named not in who.institutions:
        raise NotFound("not_found", f"没有机构 {named}: 请选择本账号所属的机构")
    if not named and len(who.institutions) != 1:
        raise _Bad("which_institution", "本账号属于多家机构: 请用 institution 说明为哪一家提问")
    return named or who.institutions[0]


async def _take(
    state: State, request: AnyRequest, question: Question, files: list[Any], *,
    institution_code: str | None, case_id: UUID | None = None,
) -> Json:  # fmt: skip
    hub, who = hub_of(state), principal_of(request)
    attachments = [await kept(hub, file) for file in files]
    once = request.headers.get("Idempotency-Key", "")
    message_id = f"web:{(derive_id('question', who.account, case_id, once) if once else uuid4()).hex}"
    message: ChannelMessage = message_of_question(
        question, message_id, _person(hub, who), who.name or who.account,
        institution_code, attachments, now(), case_id,
    )  # fmt: skip
    # A new question is a conversation of its own; its answers are read here, wherever others of its channel go.
    await hub.take(message, {} if case_id else {"console": who.account})
    return {"message_id": message_id, "url": f"/messages/web/{message_id}"}


def _person(hub: Hub, who: Principal) -> str:
    """Stands for an account; never the same as what a form on the web makes of a contact."""
    return hub.ports.vault.identity("console", who.account).hex


async def _asked(state: State, request: AnyRequest, reference: str) -> tuple[Document[Case], Case]:
    """A case that is one's own to go on with. Raises NotFound."""
    found, who = await find(state, request, reference), principal_of(request)
    case = found.state
    hub = hub_of(state)
    mine = hub.ports.vault.identity("web", _person(hub, who))
    if case is None or (who.role != "hospital" and case.requester != mine):
        raise NotFound("not_found", f"工单 {reference} 不是您提出的: 只能补充、确认自己的提问")
    return found, case


async def _say(
    state: State, request: AnyRequest, reference: str, model: type[CaseCommand], reason: str
) -> Response[Json]:
    found, _ = await _asked(state, request, reference)
    who = principal_of(request)
    actor = Actor(kind="requester", id=who.account, name=who.name)
    facts = {**stamp(request, model.__name__, found.id), "actor": actor, "case_id": found.id, "reason": reason}
    return await carry_out(state.service, model.model_validate(facts), f"/cases/{found.id}")
