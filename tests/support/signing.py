"""How tests say who asks: `X-Yibao-Staff: wang` and `X-Yibao-Viewer: hospital:H1` become a signed token on the way out.

These headers are the tests' own language; no service knows them.
"""

import httpx

from chassis.token import Principal
from yibao.signing import Signed

STAFF, VIEWER, ROLE = "X-Yibao-Staff", "X-Yibao-Viewer", "X-Yibao-Role"


class AsTold(Signed):
    """A request that says nothing is made by a lead; with `X-Yibao-Role: none` it goes out without a token."""

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        """Signed unless nobody is to ask, or the request brings a secret of its own."""
        if "Authorization" in request.headers:
            yield request
            return
        if request.headers.get(ROLE) == "none":
            del request.headers[ROLE]
            yield request
            return
        yield from super().auth_flow(request)

    def principal(self, request: httpx.Request) -> Principal:
        """Of the headers, which are taken away."""
        staff, viewer, role = (_taken(request, name) for name in (STAFF, VIEWER, ROLE))
        kind, _, code = viewer.partition(":")
        match kind:
            case "hospital" | "hospitals":
                return Principal(staff or f"account-{code or 'x'}", "hospital", institutions=(code,) if code else ())
            case "district":
                return Principal(staff or "officer", "officer", districts=(code,))
            case "centre":
                return Principal(staff or "officer", "officer")
            case _:
                return Principal(staff or "somebody", role or "lead")  # type: ignore[arg-type]


def _taken(request: httpx.Request, name: str) -> str:
    raw = next((value for key, value in request.headers.raw if key.decode().lower() == name.lower()), b"")
    if raw:
        del request.headers[name]
    return raw.decode().strip()
