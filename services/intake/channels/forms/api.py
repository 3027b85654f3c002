"""The ways in for forms: questions from the web, records of visits on site, and files that were fetched later."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from litestar import Controller, Request, get, post
from litestar.datastructures import FormMultiDict, State, UploadFile
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from chassis.access import ANYBODY, DESK, actor_of
from chassis.http import now
from chassis.logging import logger
from contracts.channel import Attachment
from contracts.envelope import derive_id
from services.intake.channels.forms.messages import (
    message_of_form,
    message_of_visit,
    parse_form,
    parse_visit,
)
from services.intake.channels.hub import Hub, hub_of
from services.intake.channels.naming import coded
from services.intake.channels.phone.api import guard
from services.intake.channels.reading import BadPayload, Json, json_of, object_of

log = logger(__name__)

Any_ = Request[Any, Any, Any]
MOST_FILES = 20
LARGEST_FORM, LARGEST_RECORD = 200 * 1024 * 1024, 256 * 1024
_CLOSED = "渠道未启用: 请在 channels.yaml 中打开 "


class FormController(Controller):
    """网页表单, 现场服务."""

    tags = ("channels",)

    @post(
        "/web/messages",
        roles=ANYBODY,
        status_code=202,
        request_max_body_size=LARGEST_FORM,
        summary="网页表单: 提交问题",
    )
    async def web(self, state: State, request: Any_) -> Json:
        """A question: JSON, or multipart with `files`. The same `Idempotency-Key` or `form_id` is the same question."""
        hub = hub_of(state)
        if hub.web is None:
            raise HTTPException(status_code=404, detail=f"网页{_CLOSED}web")
        guard("web", hub.web, request)
        fields, files = await read_form(request)
        form = parse_form(object_of(coded(state, fields)))
        if len(files) > MOST_FILES:
            raise BadPayload(f"附件过多: 最多 {MOST_FILES} 个")
        attachments = [await kept(hub, file) for file in files]
        key = request.headers.get("Idempotency-Key", "") or form.key
        message_id = f"web:{(derive_id('web', form.contact, key) if key else uuid4()).hex}"
        # Without a contact nobody can be told apart: every question is a conversation of its own.
        person = hub.ports.vault.identity("web", form.contact or message_id).hex
        message = message_of_form(form, message_id, person, attachments, now())
        await hub.take(message, {"contact": form.contact} if form.contact else {})
        return {"message_id": message_id, "url": f"/messages/web/{message_id}"}

    @post("/onsite/visits", roles=DESK, status_code=202, request_max_body_size=LARGEST_RECORD, summary="现场: 登记来访")
    async def visit(self, state: State, request: Any_) -> Json:
        """A visit: `place`, `arrived_at`, `left_at`, `whom`, `text`, and `institution` if known."""
        hub, actor = hub_of(state), actor_of(request)
        if hub.onsite is None:
            raise HTTPException(status_code=404, detail=f"现场{_CLOSED}onsite")
        visit = parse_visit(coded(state, json_of(await request.body())), now())
        person = hub.ports.vault.identity("onsite", f"{visit.place}\x1f{visit.whom}").hex
        message = message_of_visit(visit, actor.id, person, now())
        await hub.take(message, {})
        return {"message_id": message.message_id, "url": f"/messages/onsite/{message.message_id}"}

    @get("/media/{media_id:uuid}", roles=DESK, status_code=307, summary="打开表单带来的附件")
    async def media(self, state: State, request: Any_, media_id: UUID) -> Redirect:
        """A file of a message that was fetched from the vendor after the message had come; who asked is logged."""
        actor = actor_of(request)
        found = await hub_of(state).media.find(media_id)
        log.info("media read", staff=actor.id, media=str(media_id), attachment=found.rpartition("/")[2])
        return Redirect(found, status_code=307)


async def read_form(request: Any_) -> tuple[Mapping[str, Any], list[UploadFile]]:
    """The fields and files of a form, whichever way it was sent. Raises BadPayload."""
    if "json" in request.headers.get("Content-Type", ""):
        return object_of(json_of(await request.body())), []
    try:
        form: FormMultiDict = await request.form()
    except HTTPException:  # the library's word for a damaged multipart is English
        raise BadPayload("表单读不出来: 请用 JSON, 或带 boundary 的 multipart/form-data 提交") from None
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    return {name: value for name, value in form.multi_items() if not isinstance(value, UploadFile)}, files


async def kept(hub: Hub, file: UploadFile) -> Attachment:
    """Raises Refused for what the desk does not keep."""
    return await hub.attachments.keep(file.filename or "文件", await file.read(), file.content_type)
