"""The parts of the first page: which role has which, in what order, and what each asks the services for."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

from chassis.access import CENTRE, DESK, LEADS, READERS, STAFF, Roles
from chassis.service import Service
from chassis.token import Principal
from chassis.zone import BEIJING
from services.console.accounts.store import Accounts
from services.console.asking import Asker
from services.console.audit.fold import TITLES
from services.console.audit.start import notes_of
from services.console.audit.store import Wanted
from services.console.pages.cases.api import found
from services.console.pages.names import names
from services.console.pages.partly import given, part, silent
from services.console.pages.today import view
from services.console.web.menu import HOSPITAL
from services.console.web.page import AnyRequest

Json = dict[str, Any]
Load = Callable[[AnyRequest, Asker], Awaitable[Json]]
ADMINS: Final[Roles] = frozenset({"admin"})
OPS: Final[Roles] = frozenset({"ops"})
AUDITORS: Final[Roles] = frozenset({"auditor"})
_FEW, _MORE = 8, 20


class Panel(NamedTuple):
    """`name` is its template and its address. It asks anew when one of `live` has happened. One that is `slow` comes
    after the page, one about the `whole` city is for no officer of districts.
    """

    name: str
    title: str
    roles: Roles
    load: Load
    live: tuple[str, ...] = ()
    wide: bool = False
    slow: bool = False
    whole: bool = False

    def is_for(self, who: Principal) -> bool:
        return who.role in self.roles and not (self.whole and who.districts)


async def mine(_: AnyRequest, desk: Asker) -> Json:
    rows, _following = await found(desk, {"assignee": ["me"], "status": ["open"], "sort": ["left"]}, limit=_MORE)
    return {"rows": rows, "more": len(rows) == _MORE, "institutions": await names(desk, "institution")}


async def unassigned(_: AnyRequest, desk: Asker) -> Json:
    rows, _following = await found(desk, {"assignee": ["none"], "status": ["open"], "sort": ["left"]}, limit=_FEW)
    return {"rows": rows, "more": len(rows) == _FEW, "institutions": await names(desk, "institution")}


async def figures(_: AnyRequest, desk: Asker) -> Json:
    found: Json = await desk.get("intake", "/cases/figures")
    return found


async def alerts(_: AnyRequest, desk: Asker) -> Json:
    return {"alerts": await desk.get("notify", "/inbox", state="open", limit=_FEW)}


async def duties(_: AnyRequest, desk: Asker) -> Json:
    month = f"{datetime.now(BEIJING):%Y-%m}"
    return {"duties": view.duties(await desk.get("sla", "/obligations", month=month))[:_FEW]}


async def on_duty(_: AnyRequest, desk: Asker) -> Json:
    found: Json = await desk.get("intake", "/duty/now")
    return found


async def attainment(_: AnyRequest, desk: Asker) -> Json:
    found: Json = await desk.get("sla", "/attainment", month=f"{datetime.now(BEIJING):%Y-%m}", recent="true")
    return found


async def approvals(_: AnyRequest, desk: Asker) -> Json:
    """A service that is silent takes only its own list along."""
    exemptions, definitions, articles, staff = await asyncio.gather(
        part(desk.get("sla", "/exemptions", standing="requested", limit=_FEW)),
        part(desk.get("stats", "/definitions")),
        part(desk.get("knowledge", "/articles", state="in_review", limit=_FEW)),
        names(desk, "staff"),
    )
    return {
        "exemptions": given(exemptions, []), "definitions": view.versions(given(definitions, []), "confirmed"),
        "articles": given(articles, {"articles": []})["articles"], "staff": staff,
        "silent": silent({"免责申请": exemptions, "统计口径": definitions, "知识": articles}),
    }  # fmt: skip


async def to_confirm(_: AnyRequest, desk: Asker) -> Json:
    found, staff = await asyncio.gather(desk.get("stats", "/definitions"), names(desk, "staff"))
    return {"definitions": view.versions(found, "draft"), "staff": staff}


async def questions(_: AnyRequest, desk: Asker) -> Json:
    rows, _following = await found(desk, {"status": ["open", "resolved"]}, limit=_MORE)
    return {"rows": view.awaited(rows)}


async def differences(_: AnyRequest, desk: Asker) -> Json:
    return {"reconciliations": await desk.get("stats", "/reconciliations", status="raised", limit=_FEW)}


async def articles(_: AnyRequest, desk: Asker) -> Json:
    return {"articles": (await desk.get("knowledge", "/articles", limit=_FEW))["articles"]}


async def acts(request: AnyRequest, _: Asker) -> Json:
    notes, _place = await notes_of(request.app.state).page(Wanted(), _MORE)
    return {"notes": notes, "acts": TITLES}


async def accounts(request: AnyRequest, _: Asker) -> Json:
    service: Service = request.app.state.service
    known = [d.state for d in await Accounts(service.db).all() if d.state is not None]
    return {
        "by_role": view.by_role(one.role for one in known if not one.disabled),
        "disabled": sum(one.disabled for one in known),
        "without_factor": sum(not one.factor and not one.disabled for one in known),
    }


async def nothing(_: AnyRequest, __: Asker) -> Json:
    """It shows a part of another page, which it asks for itself."""
    return {}


PANELS: Final = (
    Panel("questions", "我的问题", HOSPITAL, questions, ("case",), wide=True),
    Panel("differences", "待反馈的对账差异", HOSPITAL, differences),
    Panel("articles", "新的知识", HOSPITAL, articles),
    Panel("figures", "今日数字", CENTRE | LEADS | AUDITORS, figures, ("case",), wide=True),
    Panel("mine", "我的工单", DESK, mine, ("case", "sla"), wide=True),
    Panel("unassigned", "未分派", DESK, unassigned, ("case",), wide=True),
    Panel("alerts", "未知悉的通知", STAFF, alerts, ("notify",)),
    Panel("approvals", "待我审批", LEADS, approvals, ("definition", "knowledge"), slow=True),
    Panel("to_confirm", "待确认的口径", CENTRE, to_confirm, ("definition",), whole=True),
    Panel("duties", "本月事项", READERS, duties, ("obligation",)),
    Panel("attainment", "本月达成", LEADS | CENTRE, attainment, slow=True),
    Panel("on_duty", "现在当班", STAFF, on_duty, ("duty",)),
    Panel("acts", "最近的操作", AUDITORS, acts, wide=True),
    Panel("health", "运行状态", OPS, nothing, wide=True),
    Panel("channels", "渠道与发送", OPS, nothing, wide=True),
    Panel("accounts", "账户", ADMINS, accounts, wide=True),
)
