"""Files of the services, handed on as downloads under the names that the services gave them."""

from typing import Any

from litestar import Response

from services.console.asking import Asker


async def handed_on(desk: Asker, service: str, path: str, query: Any = None) -> Response[bytes]:
    """Raises Answered."""
    answer = await desk.answer("GET", service, path, params=query)
    kept = ("Content-Disposition", "Content-Type")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return Response(answer.content, headers=headers, media_type=headers.get("Content-Type", "application/octet-stream"))
