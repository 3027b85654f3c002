"""Who asks, for tests of access: the headers of each role, and the answers that nobody may get past."""

from datetime import UTC, datetime, timedelta

import httpx

from chassis.token import Principal, Signer
from contracts.identity import TITLES, Role
from tests.support.desk import Desk
from tests.support.signing import ROLE, VIEWER

ENGINEER, LEAD, AUDITOR, OPS, ADMIN = ({ROLE: role} for role in ("engineer", "lead", "auditor", "ops", "admin"))
OFFICER, NOBODY = {VIEWER: "centre"}, {ROLE: "none"}
WHO: dict[Role, dict[str, str]] = {
    "engineer": ENGINEER, "lead": LEAD, "officer": OFFICER, "hospital": {VIEWER: "hospital:"}, "auditor": AUDITOR,
    "ops": OPS, "admin": ADMIN,
}  # fmt: skip
assert set(WHO) == set(TITLES)


def hospital(code: str) -> dict[str, str]:
    return {VIEWER: f"hospital:{code}"}


def of_district(code: str) -> dict[str, str]:
    """An officer who has this district."""
    return {VIEWER: f"district:{code}"}


async def admitted(desk: Desk, service: str, method: str, path: str) -> set[Role]:
    """The roles that get past the door of a route, whatever becomes of what they ask."""
    found: set[Role] = set()
    for role, headers in WHO.items():
        answer = await desk.http.request(method, desk.url(service, path), json={}, headers=headers)
        assert answer.status_code < 500, (role, answer.text)
        if answer.status_code != httpx.codes.FORBIDDEN:
            found.add(role)
    return found


async def is_locked(desk: Desk, service: str, path: str) -> None:
    """Without a token, with another service's, with an old one and with a mended one nobody gets in."""
    signer, now, lead = Signer(desk.settings.desk_key), datetime.now(UTC), Principal("wang", "lead")
    good, other = signer.sign(lead, service, now), "notify" if service != "notify" else "sla"
    header, body, mac = good.split(".")
    bad = [
        "", signer.sign(lead, other, now), signer.sign(lead, service, now - timedelta(hours=1)),
        f"{header}.{body[::-1]}.{mac}", Signer(b"x" * 32).sign(lead, service, now),
    ]  # fmt: skip
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        for token, status in ((good, 200), *((token, 401) for token in bad)):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = await http.get(desk.url(service, path), headers=headers)
            assert answer.status_code == status, (token, answer.text)
