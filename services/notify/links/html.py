"""Pages of our own: one file each, nothing from elsewhere, and only the script that we wrote may run."""

import re
from html import escape

from litestar import Response

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self';"
    " img-src 'self' data:; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}  # fmt: skip


def page_of(html: str, nonce: str, status: int = 200, **values: str) -> Response[str]:
    """`html` with `{{name}}` replaced by each value, escaped. `nonce` is new for every answer."""
    known = {"nonce": nonce, **values}
    html = _PLACE.sub(lambda found: escape(known[found[1]]), html)  # in one go: no value is looked into
    headers = {**_HEADERS, "Content-Security-Policy": _POLICY.format(nonce=nonce)}
    return Response(html, status_code=status, media_type="text/html", headers=headers)
