"""The inbox as a page for staff, the worker behind its desktop notifications, and the key they are subscribed with."""

import secrets
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from services.notify.links.html import page_of

_HERE = Path(__file__).parent


@get("/inbox/page", tags=["inbox"], summary="收件箱网页", sync_to_thread=False)
def page() -> Response[str]:
    """The inbox in a browser: live, on a desk's screen and on a telephone. Nothing in it comes from elsewhere."""
    return page_of((_HERE / "page.html").read_text(encoding="utf-8"), secrets.token_urlsafe(16))


@get("/inbox/sw.js", tags=["inbox"], summary="桌面通知脚本", sync_to_thread=False)
def worker() -> Response[str]:
    """Shows desktop notifications, also while no page is open."""
    script = (_HERE / "sw.js").read_text(encoding="utf-8")
    return Response(script, media_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@get("/inbox/push-key", tags=["inbox"], summary="桌面通知公钥")
async def push_key(state: State) -> dict[str, Any]:
    """With which key a browser subscribes (VAPID, base64url), and the provider that it is for."""
    found: dict[str, str] | None = state.service.state.get("push_key")
    if found is None:
        raise HTTPException(status_code=404, detail="没有配置桌面通知: 请在发送服务文件中加入 web_push")
    return found
