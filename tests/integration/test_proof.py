"""The proof of delivery from the log to a file and back: what was said is found, what was not is named."""

import csv
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid5

import pytest

from chassis.store import Document, Repository
from services.notify.alerts.model import Alert, Delivery
from services.notify.proof.asked import Asked
from services.notify.proof.ledger import Deliveries
from services.notify.proof.retention import DELETED, delete_old
from tests.integration.proving import WANG, Json, post
from tests.support.desk import Desk, desk_in

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
CASE = UUID(int=77)


def sent(n: int, provider: str = "sms", state: str = "delivered", seconds: float = 1.0, **more: Any) -> Delivery:
    times = {"sent_at": NOON + timedelta(minutes=n, seconds=seconds)} if state == "delivered" else {}
    facts = {"recipient": "staff:wang", "provider": provider, "queued_at": NOON + timedelta(minutes=n), "state": state}
    return Delivery(**{**facts, **times, **more})


def alert(n: int, *deliveries: Delivery, **more: Any) -> Alert:
    facts = {"rule": "breach", "urgency": "urgent", "title": f"超时 {n}", "body": "", "audiences": ("staff:wang",)}
    at = NOON + timedelta(minutes=n)
    return Alert(**{**facts, "id": UUID(int=n), "queued_at": at, "occurred_at": at, "deliveries": deliveries, **more})


async def keep(desk: Desk, *alerts: Alert) -> None:
    """As the fold's store writes them."""
    repository = Repository(desk.mongo[desk.settings.mongo_db]["alerts"], Alert)
    documents: list[Document[Alert]] = []
    for state in alerts:
        document: Document[Alert] = Document(state.id)
        document.take(uuid5(state.id, "cause"), state, ())
        documents.append(document)
    assert await repository.save(documents) == set()


async def listed(desk: Desk, **query: Any) -> list[Json]:
    found: list[Json] = await desk.get("notify", "/deliveries", **query)
    return found


async def test_what_was_exported_is_compared_with_what_was_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("proof")
    async with desk_in(home, "notify") as desk:
        first, second = await post(desk, "staff:wang", "=甲"), await post(desk, "desk", "乙")
        url = desk.url("notify", f"/alerts/{first}/acknowledge")
        assert (await desk.http.post(url, headers=WANG)).status_code == HTTPStatus.OK
        shown = await desk.get("notify", f"/alerts/{first}")
        assert (shown["state"], shown["acknowledged_by"], shown["rule_name"]) == ("acknowledged", "wang", "测试通知")
        assert [d["state"] for d in shown["deliveries"]] == ["已确认"]
        assert [one["what"] for one in shown["timeline"]] == ["进入 staff:wang 的收件箱", "wang 已确认 (收件箱)"]

        code, said = await desk.command("notify", "show", str(first))
        assert code == 0 and "=甲" in said and "已确认" in said
        for name in ("all.csv", "all.xlsx", "all.ndjson"):
            code, said = await desk.command("notify", "export", str(home / name))
            assert code == 0, said
            code, said = await desk.command("notify", "verify", str(home / name))
            assert (code, "2 个投递, 校验值相符" in said) == (0, True), said

        file = home / "all.csv"
        file.write_text(file.read_text().replace(str(second), str(UUID(int=9))))
        code, said = await desk.command("notify", "verify", str(file))
        assert code == 1 and "校验值不符" in said and "事件流中没有" in said

        later = {"$set": {"state.deliveries.0.sent_at": datetime.now(UTC) + timedelta(hours=1)}}
        await desk.mongo[desk.settings.mongo_db]["alerts"].update_one({"_id": second}, later)
        await desk.command("notify", "export", str(home / "forged.csv"))
        code, said = await desk.command("notify", "verify", str(home / "forged.csv"))
        assert code == 1 and "校验值不符" not in said and f"通知 {second} 第 0 个投递" in said
        code, said = await desk.command("notify", "verify", str(home / "no.csv"))
        assert code == 2


async def test_deliveries_are_found_by_what_is_asked(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("asked"), "notify") as desk:
        await keep(
            desk,
            alert(1, sent(1), sent(1, "mail", "failed", reason="拒收"), subject=CASE, number="YB-1"),
            alert(2, sent(2, seconds=3.0), sent(2, recipient="contact:wxid_99"), rule="warning"),
            alert(3, sent(3, "sms", "queued")),
        )
        assert [(d["title"], d["delivery"]) for d in await listed(desk)] == [
            ("超时 3", "0"), ("超时 2", "0"), ("超时 2", "1"), ("超时 1", "0"), ("超时 1", "1"),
        ]  # fmt: skip
        page = await listed(desk, limit=2, skip=1)
        assert [(d["title"], d["delivery"]) for d in page] == [("超时 2", "0"), ("超时 2", "1")]
        for query, found in (
            ({"state": "queued"}, ["超时 3"]), ({"state": "failed"}, ["超时 1"]), ({"provider": "mail"}, ["超时 1"]),
            ({"rule": "warning"}, ["超时 2"] * 2), ({"case": "YB-1"}, ["超时 1"] * 2),
            ({"case": str(CASE)}, ["超时 1"] * 2), ({"recipient": "contact:wxid_99"}, ["超时 2"]),
            ({"from": "2026-11-20T12:02:00+08:00"}, ["超时 3"] + ["超时 2"] * 2),
            ({"to": "2026-11-20T12:02:00+08:00"}, ["超时 1"] * 2), ({"from": "2026-11-21"}, []),
            ({"provider": "sms", "state": "delivered", "case": "YB-1"}, ["超时 1"]),
        ):  # fmt: skip
            assert [d["title"] for d in await listed(desk, **query)] == found, query
        [masked] = await listed(desk, recipient="contact:wxid_99")
        assert masked["recipient"] == "contact:wx***99"

        mail, sms = await desk.get("notify", "/deliveries/summary")
        assert (mail["provider"], mail["states"][0]["name"], mail["p50_s"]) == ("mail", "未送达", None)
        assert [(s["state"], s["n"], s["share"]) for s in sms["states"]] == [
            ("queued", 1, 0.25),
            ("delivered", 3, 0.75),
        ]
        assert (sms["p50_s"], sms["p99_s"]) == (1.0, 3.0)
        code, said = await desk.command("notify", "deliveries", "--since", "2026-11-20")
        assert code == 0 and "sms: 待发 1 (25.0%), 已送达 3 (75.0%); 用时 p50 1.0 秒" in said
        for wrong in ({"state": "lost"}, {"from": "gestern"}, {"limit": "0"}):
            answer = await desk.http.get(desk.url("notify", "/deliveries"), params=wrong)
            assert answer.status_code == HTTPStatus.BAD_REQUEST and not answer.json()["message"].isascii()
        gone = await desk.http.get(desk.url("notify", f"/alerts/{UUID(int=5)}"))
        assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


async def test_an_export_holds_every_delivery_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("export")
    async with desk_in(home, "notify") as desk:
        await keep(desk, *(alert(n, *(sent(n) for _ in range(3))) for n in range(1, 1_001)))
        answer = await desk.http.get(desk.url("notify", "/deliveries/export"), params={"from": "2026-11-20"})
        assert "attachment" in answer.headers["content-disposition"] and answer.content.startswith(b"\xef\xbb\xbf")
        head, *rows, seal = csv.reader(answer.content.decode("utf-8-sig").splitlines())
        assert len({(row[0], row[1]) for row in rows}) == len(rows) == 3_000
        assert (head[0], seal[0], seal[2]) == ("通知编号", "#校验", "3000") and "2026-11-20" in seal[3]


async def test_only_old_alerts_that_need_nobody_are_deleted(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("old"), "notify") as desk:
        taken, settled = {"acknowledged_by": "wang"}, {"settled_at": NOON}
        await keep(
            desk,
            alert(1, sent(1), **taken), alert(2, sent(2), **settled), alert(3, sent(3), expires_at=NOON),
            alert(4, sent(4)), alert(5, sent(5), expires_at=NOON + timedelta(days=900)),
            alert(6, sent(6, state="sending"), **taken), alert(60 * 24 * 30, sent(1), **taken),
        )  # fmt: skip
        ledger, before = Deliveries(desk.mongo[desk.settings.mongo_db]), DELETED._value.get()
        at = NOON + timedelta(days=410)
        assert await delete_old(ledger, timedelta(days=400), at) == 3
        assert await delete_old(ledger, timedelta(days=400), at) == 0
        assert DELETED._value.get() - before == 3
        left = {line.title async for line in ledger.lines(Asked())}
        assert left == {"超时 4", "超时 5", "超时 6", f"超时 {60 * 24 * 30}"}
