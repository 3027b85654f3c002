"""Which classifier intake uses: takes up the newest version, and has a new one trained when staff taught enough."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from chassis.errors import Refused
from chassis.logging import logger
from chassis.service import Service
from services.intake.category import material
from services.intake.category.categoriser import Categoriser
from services.intake.category.store import Raw, Versions

log = logger(__name__)
_ROOT = Path(__file__).parents[3]


POLL_S, LOOK_S = 30, 600


async def start_models(service: Service, threshold: float, retrain_after: int) -> None:
    """Leaves the categoriser in `service.state["categoriser"]`, ready to judge, and keeps its model the newest."""
    categoriser = service.state["categoriser"] = Categoriser(threshold)
    models = service.state["models"] = Models(Versions(service.db), categoriser, retrain_after)
    if threshold < 1:
        await models.start()
        service.every(POLL_S, "classifier", models.refresh)
        service.every(LOOK_S, "corrections", models.train_when_due)


class Models:
    """Exchanges the categoriser's model; the training runs in a process of its own."""

    def __init__(self, versions: Versions, categoriser: Categoriser, retrain_after: int) -> None:
        self.versions, self.categoriser, self.retrain_after = versions, categoriser, retrain_after
        self.about: Raw = {}
        self.last: Raw = {"state": "none"}
        self._job: asyncio.Task[None] | None = None

    @property
    def training(self) -> bool:
        return self._job is not None and not self._job.done()

    async def start(self) -> None:
        """Begin with the version that ships."""
        await self._take(material.BASE.read_bytes())

    async def refresh(self) -> None:
        """Take up the newest stored version; a damaged one changes nothing."""
        newest = next(iter(await self.versions.list(1)), self.about)
        if newest["version"] == self.about["version"] or newest["trained_at"] < self.about["trained_at"]:
            return
        if artefact := await self.versions.artefact(newest["version"]):
            await self._take(artefact)

    async def _take(self, artefact: bytes) -> None:
        # Numpy comes with the first model: who runs on rules alone does not pay for it.
        from services.intake.category.classifier import load

        model, self.about = await asyncio.to_thread(load, artefact)
        self.categoriser.model = model
        log.info("classifier in use", version=self.about["version"], corrections=self.about["corrections"])

    async def train_when_due(self) -> None:
        """Enough corrections since the last training, or other written questions than it was trained on."""
        if not self.about or self.training or self.retrain_after == 0:
            return
        new = await self.versions.corrections() - self.about["corrections"]
        if new >= self.retrain_after or (new > 0 and await self._forgotten()):
            self.train("schedule")

    async def _forgotten(self) -> bool:
        """The product ships newer written questions, and what staff taught is only in an older version."""
        return self.about["corrections"] == 0 and any(a["corrections"] for a in await self.versions.list(1))

    def train(self, by: str) -> None:
        """Begin a training. Raises Refused while one is running."""
        if self.training:
            raise Refused("training", "正在训练: 请等它完成后再试, 进度见 /categories/models")
        self.last = {"state": "running", "by": by}
        self._job = asyncio.create_task(self._run(), name="training")

    async def _run(self) -> None:
        alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.intake.category.train",
            cwd=_ROOT, env={**os.environ, **alone}, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            _, trouble = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            raise
        if process.returncode:
            reason = trouble.decode(errors="replace").strip().rsplit("\n", 1)[-1].split(":", 1)[0]
            told = f"训练没有完成 ({reason}): 请联系运维查看日志"
            self.last = {**self.last, "state": "failed", "reason": told}
            log.error("training failed", error=reason)
            return
        try:
            await self.refresh()
        finally:  # in use before it is called done; where the database is away, it is taken up later
            self.last = {**self.last, "state": "done"}


def told(about: Raw) -> dict[str, Any]:
    """What the API says about a version."""
    names = ("version", "trained_at", "written", "corrections", "metrics", "by_category")
    return {name: about.get(name) for name in names}
