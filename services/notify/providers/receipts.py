"""The way in for receipts (回执): a provider reports what became of the messages that it has taken."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from pymongo.asynchronous.database import AsyncDatabase

from chassis.access import ANYBODY
from chassis.broker import NatsOutbox
from chassis.http import now
from chassis.outgoing import from_command
from chassis.store import Raw, binary
from contracts.delivery import ReportReceipt
from contracts.envelope import SYSTEM, derive_id
from services.notify import metrics
from services.notify.providers.receipting import ReceiptConfig, Reported, Unreadable, is_welcome, reports

LARGEST = 1024 * 1024
_FORM = "application/x-www-form-urlencoded"


class Receipts:
    """Finds the deliveries that are meant and says so to their alerts. `configs`: the providers that may report."""

    def __init__(self, db: AsyncDatabase[Raw], outbox: NatsOutbox, configs: Mapping[str, ReceiptConfig | None]) -> None:
        self._alerts, self._outbox, self.configs = db["alerts"], outbox, configs

    async def take(self, provider: str, said: Iterable[Reported], at: datetime) -> tuple[int, int]:
        """How many were taken, how many are of no delivery of this provider. The same one again changes nothing."""
        commands, unknown = {}, 0
        for one in said:
            if (found := await self._find(provider, one.delivery)) is None:
                unknown += 1
                continue
            command = _command(*found, one, at)
            commands[command.id] = from_command(command)
        await self._outbox.publish(list(commands.values()))
        return len(commands), unknown

    async def _find(self, provider: str, delivery: tuple[UUID, int] | str) -> tuple[UUID, int] | None:
        """Only among the provider's own: nobody reports about another's messages."""
        if isinstance(delivery, str):
            query: Raw = {"state.deliveries": {"$elemMatch": {"provider_id": delivery, "provider": provider}}}
        else:
            query = {"_id": binary(delivery[0])}
        shown = {"state.deliveries.provider": 1, "state.deliveries.provider_id": 1}
        if (row := await self._alerts.find_one(query, shown)) is None:
            return None
        for n, known in enumerate(row["state"].get("deliveries", ())):
            is_meant = known.get("provider_id") == delivery if isinstance(delivery, str) else n == delivery[1]
            if is_meant and known["provider"] == provider:
                return row["_id"], n
        return None


@post(
    "/receipts/{provider:str}", tags=["receipts"], status_code=200, roles=ANYBODY, request_max_body_size=LARGEST,
    summary="发送回执",
)  # fmt: skip
async def receipts(state: State, request: Request[Any, Any, Any], provider: str) -> Response[dict[str, Any]]:
    """Signed like our own webhooks. 404 names how many are unknown (yet): send all of them again."""
    taking: Receipts = state.service.state["receipts"]
    if (config := taking.configs.get(provider)) is None:
        raise HTTPException(status_code=404, detail="该发送服务没有启用回执: 请在发送服务配置中填写 receipts")
    body, at = await request.body(), now()
    stamp, signature = (request.headers.get(f"X-Yibao-{name}", "") for name in ("Timestamp", "Signature"))
    if not is_welcome(config, body, stamp, signature, request.query_params.get("token", ""), at):
        metrics.RECEIPTS.labels(provider, "refused").inc()
        raise HTTPException(status_code=403, detail="签名不符或时间戳已超过 5 分钟: 请核对 receipts.secret 与双方时钟")
    try:
        said = list(reports(config, body, request.content_type[0] == _FORM, at))
    except Unreadable:
        metrics.RECEIPTS.labels(provider, "refused").inc()
        raise HTTPException(status_code=400, detail="回执格式不符: 应为 JSON 数组或约定的表单, 见 /docs") from None
    taken, unknown = await taking.take(provider, said, at)
    metrics.RECEIPTS.labels(provider, "taken").inc(taken)
    metrics.RECEIPTS.labels(provider, "unknown").inc(unknown)
    if unknown:
        problem = {"code": "unknown_delivery", "message": f"有 {unknown} 条回执找不到对应的投递: 请稍后重发"}
        return Response({**problem, "taken": taken, "unknown": unknown}, status_code=404)
    return Response({"taken": taken, "unknown": 0})


ROUTES = [receipts]


def _command(alert_id: UUID, n: int, said: Reported, at: datetime) -> ReportReceipt:
    return ReportReceipt(
        id=derive_id("receipt", alert_id, n, said.word), occurred_at=at, actor=SYSTEM, alert_id=alert_id, delivery=n,
        receipt=said.word, at=said.at, reason=said.reason,
    )  # fmt: skip
