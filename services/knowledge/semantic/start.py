"""The semantic stage, put together; without an encoder nothing of it is loaded and search goes by words alone."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar import Controller, get, post
from litestar.datastructures import State

from chassis.access import OPERATORS, actor_of
from chassis.asking import AnyRequest
from chassis.errors import CannotStart, Refused
from chassis.logging import logger
from chassis.service import Service
from services.knowledge.audience import INSIDE
from services.knowledge.search.index import ArticleIndex
from services.knowledge.settings import KnowledgeSettings

if TYPE_CHECKING:  # numpy, and the encoder's libraries
    from services.knowledge.semantic.work import Work

Json = dict[str, Any]
log = logger(__name__)
FOLLOW_S, REFRESH_S, LOOK_S = 0.5, 30.0, 600.0
OFF = "off"


async def start_semantic(service: Service, index: ArticleIndex, settings: KnowledgeSettings) -> None:
    """Raises CannotStart for an encoder that is named and cannot be used."""
    folder = _folder(settings)
    service.state["semantic"] = None
    if folder is None:
        return
    from services.knowledge.semantic.encoder import NoEncoder
    from services.knowledge.semantic.stage import Stage
    from services.knowledge.semantic.store import Learned
    from services.knowledge.semantic.work import Work

    try:
        stage = await asyncio.to_thread(Stage.of, folder, settings.data_dir / "knowledge" / "semantic")
    except NoEncoder as error:
        if settings.encoder:
            raise CannotStart(f"{error}。若不需要语义检索, 请设置 YIBAO_ENCODER=off") from None
        log.warning("search by meaning is off", reason=str(error))
        return
    work = service.state["semantic"] = Work(stage, index, Learned(service.db), settings.retrain_after)
    service.every(REFRESH_S, "projection", work.refresh)
    service.every(FOLLOW_S, "vectors", work.follow)
    service.every(LOOK_S, "semantic training", work.train_when_due)


def _folder(settings: KnowledgeSettings) -> Path | None:
    if settings.encoder:
        return None if settings.encoder == OFF else Path(settings.encoder)
    usual = settings.data_dir / "encoder"
    return usual if usual.exists() else None


class SemanticController(Controller):
    """Search by meaning (语义检索): what is there and what was learned. For engineers and whoever runs the system."""

    path = "/semantic"
    tags = ("search",)

    @get(roles=INSIDE | OPERATORS, summary="语义检索状态")
    async def read_semantic(self, state: State) -> Json:
        """`vectors` of the articles there are, the versions learned, the newest first, and which one is in use."""
        work: Work | None = state.service.state["semantic"]
        if work is None:
            return {"installed": False, "message": "未安装语义编码器: 检索按用词进行, 安装方法见 docs/knowledge.md"}
        about = work.stage.about
        return {
            "installed": True, "encoder": about.name, "licence": about.licence, "vectors": len(work.stage),
            "waiting": work.stage.waiting, "in_use": work.stage.projection.about, "training": work.last,
            "versions": await work.learned.list(about.sha256),
        }  # fmt: skip

    @post("/train", roles=OPERATORS, summary="用采纳过的推荐重新训练", status_code=202)
    async def train(self, state: State, request: AnyRequest) -> Json:
        """It is put in force only when it finds more than before on pairs kept apart. Raises Refused."""
        work: Work | None = state.service.state["semantic"]
        if work is None:
            raise Refused("not_installed", "未安装语义编码器: 请先安装, 方法见 docs/knowledge.md")
        work.train(actor_of(request).id)
        return work.last
