"""Which text of a report's definition counts: what the desk has put in force, else what is shipped with the product.

A shipped definition counts from the first day, marked as not yet agreed on locally; the desk's own agreement on a
report, once it was in force, takes its place for good: retiring it retires the report.
"""

from functools import lru_cache
from typing import Literal, NamedTuple

from chassis.logging import logger
from services.stats.definitions.definition import UNREADABLE, Definition, read, shipped, source
from services.stats.definitions.model import Agreement
from services.stats.definitions.store import Definitions

log = logger(__name__)

Origin = Literal["shipped", "desk"]


class Standing(NamedTuple):
    """A definition that is in force."""

    definition: Definition
    origin: Origin


class Book:
    """All definitions, shipped and agreed."""

    def __init__(self, store: Definitions) -> None:
        self._store = store

    async def standing(self) -> dict[str, Standing]:
        """Everything in force, by report."""
        found = {id_: Standing(definition, "shipped") for id_, definition in shipped().items()}
        for document in await self._store.all():
            if (agreement := document.state) is not None:
                _take_place(found, agreement)
        return dict(sorted(found.items()))

    async def find(self, report: str) -> Standing | None:
        found = {id_: Standing(d, "shipped") for id_, d in shipped().items() if id_ == report}
        if (document := await self._store.find(report)) is not None and document.state is not None:
            _take_place(found, document.state)
        return found.get(report)

    async def hashes(self, report: str) -> tuple[str, tuple[str, ...]]:
        """The hash in force (empty where there is none), and those that a trial may take."""
        standing = await self.find(report)
        document = await self._store.find(report)
        versions = document.state.versions if document is not None and document.state is not None else ()
        trial = tuple(v.hash for v in versions if v.status != "retired")
        return standing.definition.hash if standing else "", trial

    async def text(self, report: str, hash_: str) -> tuple[str, str] | None:
        """YAML and SQL of this version, in force or not."""
        document = await self._store.find(report)
        if document is not None and document.state is not None and (found := document.state.version(hash_)):
            return found.source, found.sql
        if (known := shipped().get(report)) is not None and known.hash == hash_:
            return source(report)
        return None


def _take_place(found: dict[str, Standing], agreement: Agreement) -> None:
    version = agreement.in_force
    if version is None and not any(step.what == "生效" for v in agreement.versions for step in v.steps):
        return
    found.pop(agreement.report, None)
    if version is not None and (definition := _readable(agreement.report, version.source, version.sql)) is not None:
        found[agreement.report] = Standing(definition, "desk")


@lru_cache(maxsize=64)
def _readable(report: str, source: str, sql: str) -> Definition | None:
    """None for what an older version of the product has let through: one report less, not none at all."""
    try:
        return read(source, sql)
    except UNREADABLE as error:
        log.error("definition in force cannot be read", report=report, error=type(error).__name__)
        return None
