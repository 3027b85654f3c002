"""A lived-in desk with two hospitals: what each has asked, was told, counted and compared, under words of its own."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from msgspec import json

from chassis.outgoing import from_command
from contracts.reconciliation import CompareReconciliation
from services.stats.reconcile.model import reconciliation_id
from tests.support.console import OTHERS, OURS
from tests.support.desk import Desk
from tests.support.matrix import Rows
from tests.support.traces import Json
from tests.support.wait import until
from yibao.contracts import EXAMPLES

INTERNAL: Final = "zqinternal"
"""What the desk says among itself about any case: no hospital reads it, not even about its own."""
_ACCOUNTS = {OURS: "yiyuan.one", OTHERS: "yiyuan.two"}


class Life:
    """Acts as the lead, or as a hospital, over the services' own HTTP."""

    def __init__(self, desk: Desk, code: str) -> None:
        self._desk, self._code, self._word = desk, code, f"zq{code[-5:]}"
        self._hospital = {"X-Yibao-Staff": _ACCOUNTS[code], "X-Yibao-Viewer": f"hospital:{code}"}

    async def rows(self) -> Rows:
        """Lived through; returns what there is of it."""
        await self._put("intake", f"/directory/institution/{self._code}", name=f"{self._word}医院", admdvs="620102")
        message = await self._question()
        case = await self._case(message)
        await self._post("intake", f"/cases/{case['id']}/note", text=f"{INTERNAL} {self._word}")
        await self._post("intake", f"/cases/{case['id']}/assign", assignee="wang.fang", reason=f"{INTERNAL}派单")
        await self._post("intake", f"/cases/{case['id']}/respond", text=f"{self._word}正在查")
        article, number = await self._article()
        alert = await self._alert(case["id"])
        run = await self._post("stats", "/runs", self._hospital, report="card_payments", period="2026-02")
        compared, exemption = await self._reconciliation(), await self._exemption()
        marks = (self._word, self._code, case["id"], case["number"], article, number, run["id"], compared, exemption)
        return Rows(
            self._code, case["id"], case["number"], message, article, run["id"], compared, alert,
            _ACCOUNTS[self._code], f"{self._code}.pdf", exemption, marks,
        )  # fmt: skip

    async def _question(self) -> str:
        """The message's id in its channel."""
        url, headers = self._desk.url("intake", "/questions"), {**self._hospital, "Idempotency-Key": self._word}
        answer = await self._desk.http.post(url, json={"text": f"{self._word}门诊结算 2207 报错"}, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["message_id"])

    async def _case(self, message: str) -> Json:
        async def look() -> Json | None:
            found: Json = await self._desk.get("intake", f"/messages/web/{message}")
            return found if "outcome" in found else None

        known = await until(f"{message} is in a case", look)
        case: Json = await self._desk.get("intake", f"/cases/{known['id']}")
        return case

    async def _article(self) -> tuple[str, str]:
        said = dict.fromkeys(("title", "question", "answer"), f"{self._word}只给这家医院")
        author, other = {"X-Yibao-Staff": "li.na"}, {"X-Yibao-Staff": "wang.fang"}
        content = {**said, "category": "结算支付", "audience": f"hospital:{self._code}"}
        made = await self._post("knowledge", "/articles", author, **content)
        await self._post("knowledge", f"/articles/{made['id']}/submit", author)
        await self._post("knowledge", f"/articles/{made['id']}/publish", other)
        return made["id"], (await self._desk.get("knowledge", f"/articles/{made['id']}"))["number"]

    async def _alert(self, case: str) -> str:
        alerts = self._desk.mongo[self._desk.settings.mongo_db]["alerts"]

        async def look() -> Json | None:
            return await alerts.find_one({"state.case_id": UUID(case)})

        return str((await until(f"{case} has an alert", look))["_id"])

    async def _exemption(self) -> str:
        wish: Json = {
            "ground": "other", "text": f"{self._word}停电", "scope": {"institutions": [self._code]},
            "begins": "2026-11-19T12:00:00+08:00", "ends": "2026-11-19T13:00:00+08:00",
        }  # fmt: skip
        return str((await self._post("sla", "/exemptions", None, **wish))["id"])

    async def _reconciliation(self) -> str:
        example = json.decode((EXAMPLES / "CompareReconciliation.json").read_bytes())
        own = {"id": str(uuid4()), "run_id": str(uuid4()), "fixmedins_code": self._code}
        own["occurred_at"] = datetime.now(UTC).isoformat()
        wish = CompareReconciliation.model_validate({**example, **own})
        await self._desk.outbox.publish([from_command(wish)])
        id_ = str(reconciliation_id(self._code, wish.period))

        async def look() -> bool:
            url = self._desk.url("stats", f"/reconciliations/{id_}")
            return (await self._desk.http.get(url)).status_code == httpx.codes.OK

        await until(f"{id_} is compared", look)
        return id_

    async def _post(self, service: str, path: str, headers: dict[str, str] | None = None, **body: Any) -> Json:
        answer = await self._desk.http.post(self._desk.url(service, path), json=body, headers=headers)
        assert answer.is_success, (path, answer.text)
        found: Json = answer.json()
        return found

    async def _put(self, service: str, path: str, **body: Any) -> None:
        answer = await self._desk.http.put(self._desk.url(service, path), json=body)
        assert answer.is_success, (path, answer.text)


async def both(desk: Desk) -> tuple[Rows, Rows]:
    """Ours and the other's."""
    return await Life(desk, OURS).rows(), await Life(desk, OTHERS).rows()
