"""What somebody types into a form of a question, with its files, on its way to intake."""

from typing import Any, Final

from litestar.datastructures import UploadFile

from services.console.asking import Asker
from services.console.web.page import AnyRequest

MOST_FILES: Final = 20


async def hand_in(request: AnyRequest, desk: Asker, path: str, *fields: str) -> dict[str, Any]:
    """Intake's answer. The form's `once` makes a form that is sent twice one question. Raises Answered."""
    form = await request.form()
    told = {name: str(form.get(name) or "") for name in fields}
    chosen = [one for one in form.getall("files", []) if isinstance(one, UploadFile) and one.filename]
    files = [("files", (one.filename, await one.read(), one.content_type)) for one in chosen]
    more: dict[str, Any] = {"data": told, "files": files} if files else {"json": told}
    once = str(form.get("once") or "")
    headers = {"Idempotency-Key": once} if once.isascii() and once.isalnum() else {}
    answer: dict[str, Any] = (await desk.answer("POST", "intake", path, headers=headers, **more)).json()
    return answer
