"""The services by name: where their application is, which port they serve, which indexes they need."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, NamedTuple

from chassis.settings import Settings

if TYPE_CHECKING:  # the command line asks for names and ports only
    from litestar import Litestar
    from pymongo import IndexModel


class Entry(NamedTuple):
    name: str
    port: int
    collection: str
    purpose: str

    def app(self, settings: Settings) -> "Litestar":
        application: Litestar = import_module(f"services.{self.name}.main").app(settings)
        return application

    def indexes(self) -> dict[str, "list[IndexModel]"]:
        """By collection: the service's own, and those of its parts (`services/<name>/<part>/store.py`)."""
        package = import_module(f"services.{self.name}")
        parts = (m.name for m in iter_modules(package.__path__) if m.ispkg)
        found: dict[str, list[IndexModel]] = {}
        for part in ("", *parts):
            # Looked for as a file: to ask Python for a module loads the package around it, and some are heavy.
            if Path(*package.__path__, part, "store.py").exists():
                store = import_module(".".join(filter(None, (package.__name__, part, "store"))))
                found[getattr(store, "COLLECTION", self.collection)] = store.INDEXES
        return found


SERVICES = (
    Entry("intake", 8101, "cases", "受理: 各渠道消息成为工单"),
    Entry("sla", 8102, "clocks", "时限: 响应时钟, 预警与超时"),
    Entry("stats", 8103, "runs", "统计: 报表任务"),
    Entry("notify", 8104, "alerts", "通知: 收件箱与实时推送"),
    Entry("knowledge", 8105, "articles", "知识: 检索, 审核, 工单推荐"),
    Entry("console", 8100, "accounts", "控制台: 登录, 工作页面, 审计"),
)
