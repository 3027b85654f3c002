"""The way in for receipts over HTTP: who may, what is answered, and in which language."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from types import SimpleNamespace

import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import TestClient
from pydantic import SecretStr

from chassis.posting import signed
from services.notify import metrics
from services.notify.providers.receipting import ReceiptConfig, Reported
from services.notify.providers.start import ROUTES

SECRET = "a-secret-of-the-provider"
BODY = b'[{"id":"known","receipt":"read"}]'


class Taking:
    """Knows one message."""

    configs = {  # noqa: RUF012
        "hook": ReceiptConfig(secret=SecretStr(SECRET)), "mail": None,
        "sms": ReceiptConfig(secret=SecretStr(SECRET), token_in_url=True),
    }  # fmt: skip

    async def take(self, provider: str, said: Iterable[Reported], at: datetime) -> tuple[int, int]:
        ids = [one.delivery for one in said]
        return ids.count("known"), len(ids) - ids.count("known")


@pytest.fixture
def http() -> Iterator[TestClient[Litestar]]:
    service = SimpleNamespace(state={"receipts": Taking()})
    with TestClient(Litestar([*ROUTES], state=State({"service": service}))) as client:
        yield client


def test_a_signed_report_is_taken(http: TestClient[Litestar]) -> None:
    answer = http.post("/receipts/hook", content=BODY, headers=signed(SECRET, BODY))
    assert (answer.status_code, answer.json()) == (200, {"taken": 1, "unknown": 0})


def test_a_form_is_taken_from_who_shows_the_token(http: TestClient[Litestar]) -> None:
    said = {"id": "known", "receipt": "received"}
    assert http.post("/receipts/sms", data=said, params={"token": SECRET}).json()["taken"] == 1
    assert http.post("/receipts/sms", data=said, params={"token": "guessed"}).status_code == 403


def test_what_is_unknown_is_to_be_sent_again(http: TestClient[Litestar]) -> None:
    body = b'[{"id":"known","receipt":"read"},{"id":"later","receipt":"read"}]'
    answer = http.post("/receipts/hook", content=body, headers=signed(SECRET, body))
    assert answer.status_code == 404
    assert answer.json()["message"] == "有 1 条回执找不到对应的投递: 请稍后重发"


@pytest.mark.parametrize("provider", ["mail", "nobody"])
def test_who_does_not_report_is_told_where_to_turn_it_on(http: TestClient[Litestar], provider: str) -> None:
    answer = http.post(f"/receipts/{provider}", content=BODY, headers=signed(SECRET, BODY))
    assert answer.status_code == 404
    assert "receipts" in answer.json()["detail"]


def test_an_old_or_foreign_signature_is_refused(http: TestClient[Litestar]) -> None:
    for headers in (signed(SECRET, BODY, 1_700_000_000), signed("foreign-foreign-foreign", BODY), {}):
        assert http.post("/receipts/hook", content=BODY, headers=headers).status_code == 403


def test_every_receipt_is_counted_by_what_it_came_to(http: TestClient[Litestar]) -> None:
    def counted(outcome: str) -> float:
        return float(metrics.RECEIPTS.labels("hook", outcome)._value.get())

    before = [counted(outcome) for outcome in ("taken", "unknown", "refused")]
    body = b'[{"id":"known","receipt":"read"},{"id":"later","receipt":"read"},{"id":"other","receipt":"read"}]'
    http.post("/receipts/hook", content=body, headers=signed(SECRET, body))
    http.post("/receipts/hook", content=b"{", headers=signed(SECRET, b"{"))
    http.post("/receipts/hook", content=body, headers={"X-Yibao-Timestamp": "9" * 5_000})
    after = [counted(outcome) for outcome in ("taken", "unknown", "refused")]
    assert [a - b for a, b in zip(after, before, strict=True)] == [1, 2, 2]


def test_what_is_no_json_is_refused_with_the_form_that_is_wanted(http: TestClient[Litestar]) -> None:
    answer = http.post("/receipts/hook", content=b"{", headers=signed(SECRET, b"{"))
    assert (answer.status_code, answer.json()["detail"][:5]) == (400, "回执格式不")
