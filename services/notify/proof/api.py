"""HTTP of the proof of delivery: one alert with its deliveries, all deliveries, their sums, and all of it as a file."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import Parameter
from litestar.response import Stream

from chassis.access import LEADS, OPERATORS, READERS, principal_of
from chassis.asking import AnyRequest
from chassis.auditing import noted
from chassis.describing import answering
from chassis.errors import NotFound
from chassis.http import now
from chassis.store import Repository
from chassis.zone import BEIJING
from contracts.delivery import DeliveryState
from services.notify.alerts.model import Alert
from services.notify.inbox.whose import may_open
from services.notify.proof.asked import Asked, moment
from services.notify.proof.files import MEDIA_TYPES, WRITERS, FileFormat
from services.notify.proof.ledger import Deliveries
from services.notify.proof.row import Seal
from services.notify.proof.timeline import shown

Json = dict[str, Any]
Text = Annotated[str | None, Parameter(max_length=200)]
Since = Annotated[str | None, Parameter(query="from", max_length=40, description="起 (含), 2026-11-20 或带时区的时间")]
Until = Annotated[str | None, Parameter(query="to", max_length=40, description="止 (不含)")]

PROOF = LEADS | {"auditor"}
InState = Annotated[DeliveryState | None, Parameter(query="state")]


def asked(
    recipient: Text = None, provider: Text = None, delivery: InState = None, rule: Text = None, case: Text = None,
    since: Since = None, until: Until = None,
) -> Asked:  # fmt: skip
    """The filters that all routes share."""
    return Asked(recipient, provider, delivery, rule, case, moment("from", since), moment("to", until))


@get("/alerts/{alert_id:uuid}", tags=["proof"], roles=READERS, summary="一条通知及其投递经过")
async def alert(state: State, request: AnyRequest, alert_id: UUID) -> Json:
    """Everything about an alert: deliveries with their times in Beijing, and what happened in order."""
    alerts: Repository[Alert] = Repository(state.service.db["alerts"], Alert)
    found = next(iter(await alerts.read({"_id": alert_id}, limit=1)), None)
    if found is None or found.state is None or not may_open(principal_of(request), found.state.audiences):
        raise NotFound("not_found", f"没有通知 {alert_id}: 请核对编号, 或在收件箱中查找")
    return shown(alert_id, found.state, await alerts.history(alert_id) or [])


class ProofController(Controller):
    """Deliveries (投递记录): each way that an alert took to somebody."""

    path = "/deliveries"
    tags = ("proof",)
    dependencies = {"asked": Provide(asked, sync_to_thread=False)}  # noqa: RUF012

    @get(roles=PROOF, summary="投递记录")
    async def list_deliveries(
        self, state: State, asked: Asked, limit: Annotated[int, Parameter(ge=1, le=1_000)] = 100,
        skip: Annotated[int, Parameter(ge=0, le=1_000_000)] = 0,
    ) -> list[Json]:  # fmt: skip
        """The latest alerts first."""
        return [line._asdict() async for line in Deliveries(state.service.db).lines(asked, limit, skip)]

    @get("/summary", roles=PROOF | OPERATORS, summary="投递统计")
    async def summary(self, state: State, asked: Asked) -> list[Json]:
        """By provider: how many in each state, and the seconds of the hand-over, median and 99th percentile."""
        return await Deliveries(state.service.db).summary(asked)

    @get("/export", roles=PROOF, summary="导出投递证明", operation_class=answering(*MEDIA_TYPES.values()))
    async def export(
        self, state: State, request: AnyRequest, asked: Asked, format: FileFormat = "csv"
    ) -> Response[Any]:
        """A file with a seal over its lines at the end: `yibao notify verify` compares it with the event stream."""
        await noted(state.service, request, "exported", f"deliveries.{format}")
        seal = Seal(asked.filters(), state.service.state["proof_key"])
        content = WRITERS[format](Deliveries(state.service.db).lines(asked), seal)
        name = f"deliveries-{now().astimezone(BEIJING):%Y%m%d-%H%M%S}.{format}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Stream(content, media_type=MEDIA_TYPES[format], headers=headers)
