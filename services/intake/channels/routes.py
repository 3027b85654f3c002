"""All routes of the channels, under /channels, with one answer for whatever cannot be read."""

from typing import Any

from litestar import Request, Response, Router

from services.intake.channels.forms.api import FormController
from services.intake.channels.onebot.api import OnebotController
from services.intake.channels.phone.api import PhoneController
from services.intake.channels.reading import BadPayload
from services.intake.channels.wecom.api import WecomController


def on_bad(_: Request[Any, Any, Any], error: BadPayload) -> Response[dict[str, str]]:
    return Response({"code": "bad_payload", "message": str(error)}, status_code=400)


ROUTES = Router(
    "/channels",
    route_handlers=[WecomController, OnebotController, PhoneController, FormController],
    exception_handlers={BadPayload: on_bad},
)
