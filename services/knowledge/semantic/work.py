"""What goes on beside the searches: the stage is kept level with the index, and learns from what staff took over."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import numpy as np

from chassis.errors import Refused
from chassis.logging import logger
from services.knowledge.search.index import ArticleIndex
from services.knowledge.semantic.learning import FEWEST, Material, better, learn
from services.knowledge.semantic.projection import Projection, fitted
from services.knowledge.semantic.stage import ASKED, Stage
from services.knowledge.semantic.store import Learned, Pair

OTHERS: Final = 20_000
"""Articles among which the right one has to be found; more would only take longer."""

log = logger(__name__)


class Work:
    def __init__(self, stage: Stage, index: ArticleIndex, learned: Learned, retrain_after: int) -> None:
        self.stage, self.learned = stage, learned
        self._index, self._retrain_after = index, retrain_after
        self._job: asyncio.Task[None] | None = None
        self._pairs = 0  # of the last training
        self.last: dict[str, Any] = {"state": "none"}

    async def follow(self) -> None:
        """Encode what has changed; search finds the rest by words meanwhile."""
        await asyncio.to_thread(self.stage.follow, self._index)
        self._index.meaning = self.stage

    async def refresh(self) -> None:
        """Take up the newest version that won, whichever process learned it."""
        used = self.stage.projection.about.get("sha256", "")
        if (newest := await self.learned.in_force(self.stage.about.sha256, besides=used)) is not None:
            await asyncio.to_thread(self.stage.use, newest)
            log.info("projection in use", version=newest.about["sha256"][:12])

    async def train_when_due(self) -> None:
        """Once there is enough, and again when there is a good deal more."""
        new = len(await self.learned.pairs()) - self._pairs
        if self._retrain_after and new >= max(self._retrain_after, self._pairs // 10, 0 if self._pairs else FEWEST):
            self.train("schedule")

    def train(self, by: str) -> None:
        """Begin a training. Raises Refused while one is running."""
        if self._job is not None and not self._job.done():
            raise Refused("training", "正在训练: 请等它完成后再试, 进度见 /semantic")
        self.last = {"state": "running", "by": by}
        self._job = asyncio.create_task(self._train(), name="semantic training")

    async def _train(self) -> None:
        try:
            self.last = {**self.last, **await self._learn()}
        except Exception as error:
            log.exception("training failed")
            self.last = {**self.last, "state": "failed", "message": f"训练没有完成 ({type(error).__name__})"}

    async def _learn(self) -> dict[str, Any]:
        pairs = await self.learned.pairs()
        self._pairs = len(pairs)
        try:
            made = await asyncio.to_thread(_learned, self.stage, pairs)
        except ValueError:
            return {
                "state": "done",
                "message": f"样本不足: 至少需要 {FEWEST} 对采纳过的问题与知识, 现有 {len(pairs)} 对",
            }
        wins = better(made)
        await self.learned.save(made, self.stage.about.sha256, datetime.now(UTC), wins)
        await self.refresh()
        told = "优于原来, 已启用" if wins else "没有优于原来, 不启用"
        return {"state": "done", "message": f"新版本{told}", "version": made.about["sha256"], "wins": wins}


def _learned(stage: Stage, pairs: list[Pair]) -> Projection:
    """Raises ValueError for too few. The same pairs and articles give the same version."""
    answers, ids = stage.some({pair.article_id for pair in pairs}, OTHERS)
    place: dict[UUID, int] = {id_: n for n, id_ in enumerate(ids)}
    asked = [pair for pair in pairs if pair.article_id in place]
    if len(asked) < FEWEST:
        raise ValueError(f"{len(asked)} pairs")
    texts = list(dict.fromkeys(pair.question[:ASKED] for pair in asked))
    number = {text: n for n, text in enumerate(texts)}
    rows = np.array([(number[pair.question[:ASKED]], place[pair.article_id]) for pair in asked])
    return learn(fitted(answers), Material(stage.encoded(texts), answers, rows))
