"""The key with which browsers subscribe to desktop notifications."""

from typing import Any

from litestar import get
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from chassis.access import EVERYBODY


@get("/inbox/push-key", roles=EVERYBODY, tags=["inbox"], summary="桌面通知公钥")
async def push_key(state: State) -> dict[str, Any]:
    """With which key a browser subscribes (VAPID, base64url), and the provider that it is for."""
    found: dict[str, str] | None = state.service.state.get("push_key")
    if found is None:
        raise HTTPException(status_code=404, detail="没有配置桌面通知: 请在发送服务文件中加入 web_push")
    return found
