"""Forms of other sites: their requests carry our cookie, but not the token that our pages carry; and browsers say
where a request comes from, which is asked first.
"""

from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from litestar import Request

from chassis.settings import Settings


def forgery_key(settings: Settings) -> str:
    """Follows from the desk's key, so that a page outlives a restart and several instances agree."""
    return blake2b(b"forgery", key=settings.desk_key, digest_size=32).hexdigest()


def is_from_elsewhere(request: Request[Any, Any, Any], public_url: str) -> bool:
    """Whether the browser says that a page of another site sent it. `Sec-Fetch-Site` no page can change; where there
    is no HTTPS browsers send `Origin` alone.
    """
    if site := request.headers.get("Sec-Fetch-Site", ""):
        return site not in ("same-origin", "none")
    origin, ours = request.headers.get("Origin", ""), (request.headers.get("Host", ""), urlsplit(public_url).netloc)
    return bool(origin) and urlsplit(origin).netloc not in filter(None, ours)
