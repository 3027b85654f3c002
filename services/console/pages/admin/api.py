"""The administration: what there is to look after, by what somebody may look after."""

from typing import Final, NamedTuple

from litestar import get
from litestar.response import Template
from litestar.types import ControllerRouterHandler

from chassis.access import OPERATORS, READERS, SETTERS, Roles
from services.console.audit.api import AUDITORS
from services.console.pages.admin.api_accounts import KEEPERS
from services.console.pages.admin.api_accounts import ROUTES as ACCOUNTS
from services.console.pages.admin.api_people import ROUTES as PEOPLE
from services.console.pages.admin.api_promises import ROUTES as PROMISES
from services.console.pages.admin.api_rules import ROUTES as RULES
from services.console.pages.admin.api_rules import RULE_READERS
from services.console.pages.admin.api_state import ROUTES as STATE
from services.console.pages.reports.tabs import FEEDS
from services.console.web.menu import RUNNERS
from services.console.web.page import AnyRequest, page


class Tile(NamedTuple):
    path: str
    title: str
    hint: str
    icon: str
    roles: Roles


TILES: Final = (
    Tile("/admin/accounts", "账户", "新建、身份与机构、停用、重置密码、接口密钥", "users", KEEPERS),
    Tile("/admin/roles", "权限", "每种身份能看什么、能做什么", "shield-lock", RUNNERS),
    Tile("/audit", "操作审计", "登录、查看原文、导出、权限变更", "clipboard-list", AUDITORS),
    Tile("/admin/rules", "通知规则与模板", "什么事通知谁、怎么写", "bell-cog", RULE_READERS),
    Tile("/admin/recipients", "收件人与静默", "每个人怎么收通知, 计划内维护时不打扰", "bell-off", OPERATORS),
    Tile("/admin/promises", "时限政策与营业日历", "承诺多快, 按什么时间算", "clock-cog", SETTERS | (READERS & RUNNERS)),
    Tile("/admin/channels", "渠道与发送", "各渠道收发、发送服务、积压与死信", "plug-connected", RUNNERS),
    Tile("/reports/feeds", "数据来源", "每月的数据自己从哪里来, 现在取一次", "database-import", FEEDS),
    Tile("/admin/health", "运行状态", "六个服务的各个部分是否就绪", "heartbeat", RUNNERS),
)


@get("/admin", roles=RUNNERS, include_in_schema=False, sync_to_thread=False)
def overview(request: AnyRequest) -> Template:
    role = request.scope["state"]["principal"].role
    return page(request, "admin/overview.html", "管理", tiles=[tile for tile in TILES if role in tile.roles])


ROUTES: Final[list[ControllerRouterHandler]] = [overview, *ACCOUNTS, *RULES, *PEOPLE, *PROMISES, *STATE]
