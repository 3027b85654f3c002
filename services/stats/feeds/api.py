"""HTTP of feeds: which there are, and fetching a database's table now."""

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import State

from chassis.access import DESK, OPERATORS
from chassis.asking import AnyRequest, stamp
from chassis.errors import NotFound, Refused
from chassis.http import carry_out
from contracts.envelope import derive_id
from contracts.stats import CURRENT, RequestRun, Wanted
from services.stats.feeds.config import Feeds
from services.stats.periods import period

Json = dict[str, Any]


class Fetching(msgspec.Struct):
    """Only rows of this period, by the column that dates them; empty is all."""

    period: str = ""


class FeedController(Controller):
    """Where data come from by themselves (数据来源)."""

    path = "/feeds"
    tags = ("sources",)

    @get(sync_to_thread=False, roles=DESK | OPERATORS | {"auditor"}, summary="数据来源列表")
    def list_feeds(self, state: State) -> list[Json]:
        """Folders are looked at three times a minute; tables of databases are fetched when asked, or by a schedule."""
        feeds: Feeds = state.service.state["feeds"]
        return [
            {"feed": name, "table": f.table, "kind": "folder" if f.folder else "database", "from": f.from_table}
            for name, f in feeds.feeds.items()
        ]

    @post("/{name:str}/fetch", status_code=200, roles=DESK | {"ops"}, summary="从数据库取数")
    async def fetch(self, state: State, request: AnyRequest, name: str, data: Fetching) -> Response[Json]:
        """A run that reads the table of the database; its rows become a data set."""
        feeds: Feeds = state.service.state["feeds"]
        if (feed := feeds.feeds.get(name)) is None:
            raise NotFound("not_found", f"没有数据来源 {name[:60]}: 请从 GET /feeds 中选择")
        if not feed.database:
            raise Refused("is_folder", "这是文件夹来源, 放入的文件会自动读入, 不需要取数")
        facts = stamp(request, "fetch", name, data.period)
        wanted = Wanted(name=name, period=period(data.period).text, parameters={"feed": name})
        run_id = derive_id("run", facts["id"])
        wish = RequestRun(**facts, run_id=run_id, kind="ingest", report=feed.table, upload_id=CURRENT, wanted=wanted)
        return await carry_out(state.service, wish, f"/runs/{run_id}")
