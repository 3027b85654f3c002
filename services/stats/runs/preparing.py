"""Makes a job of a run: the text of its definition, the data sets that it counts, what it may use."""

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

import msgspec

from chassis.service import Service
from services.stats.datasets.store import Datasets
from services.stats.definitions.book import Book
from services.stats.definitions.definition import UNREADABLE, Definition, read
from services.stats.feeds.config import Feeds
from services.stats.lists.counts import TABLE as LISTS
from services.stats.operations.harvest import HarvestFailed, harvest
from services.stats.places import dataset_path, run_dir, stats_dir, upload_path
from services.stats.problem import Problem
from services.stats.report import Input
from services.stats.runs.job import Job
from services.stats.runs.model import CURRENT, DatasetRef, Run
from services.stats.runs.process import SCRATCH
from services.stats.runs.rights import LEDGERS, OWN
from services.stats.runs.store import Runs
from services.stats.settings import StatsSettings
from services.stats.sources.table import tables as known_tables

MOST_DATASETS = 2_000
"""Of one run: they all stand in its messages."""


class Preparing:
    """Needs the service's stores; `key` is the secret of pseudonyms."""

    def __init__(
        self,
        service: Service,
        runs: Runs,
        book: Book,
        datasets: Datasets,
        feeds: Feeds,
        settings: StatsSettings,
        key: bytes,
    ) -> None:
        self._data_dir, self._js = service.settings.data_dir.resolve(), service.js
        self._settings, self._key = settings, key
        self._runs, self._book, self._datasets, self._feeds = runs, book, datasets, feeds

    async def job(self, run_id: UUID, run: Run) -> Job:
        """Raises Problem where there is nothing to count by or nothing to count."""
        source, sql = "", ""
        inputs: tuple[Input, ...] = ()
        if run.kind == "ingest":
            _check_tables((run.report,))
        if run.kind == "report":
            source, sql = await self._text(run)
            _check_tables(counted := _read(source, sql).tables)
            inputs = () if run.upload_id != CURRENT else await self._inputs(run_id, run, counted)
        elif run.kind == "ingest" and run.report == LISTS:
            # How far the lists are follows from all that was ever told, not only from what comes now.
            inputs = tuple(self._input(ref) for ref in await self._datasets.current((LISTS,)))[-MOST_DATASETS:]
        elif run.kind == "reconcile":
            inputs = await self._ledgers(run)
        feed = self._feeds.feeds.get(run.wanted.parameters.get("feed", "")) if run.kind == "ingest" else None
        if run.kind == "ingest" and run.upload_id == CURRENT and (feed is None or not feed.database):
            raise Problem("这个数据来源已不在配置中: 请核对 YIBAO_STATS_SOURCES 后重新取数")
        return Job(
            database=self._feeds.url(feed.database) if feed else "", from_table=feed.from_table if feed else "",
            kind=run.kind, report=run.report, definition_hash=run.definition_hash,
            out=str(run_dir(self._data_dir, run_id)), datasets=str(stats_dir(self._data_dir) / "datasets"),
            memory_mb=self._settings.memory_mb, wanted=run.wanted, inputs=inputs, source=source, sql=sql,
            upload=str(upload_path(self._data_dir, run.upload_id)) if run.upload_id != CURRENT else "",
            upload_id=run.upload_id, key=self._key.hex(), url=self._settings.sheet_url(run_id),
            engine=self._settings.engine, engine_url=self._settings.engine_url.get_secret_value(),
        )  # fmt: skip

    async def _text(self, run: Run) -> tuple[str, str]:
        found = await self._book.text(run.report, run.definition_hash)
        if found is None:
            raise Problem("找不到这个版本的口径: 请重新提交任务")
        return found

    async def _inputs(self, run_id: UUID, run: Run, tables: tuple[str, ...]) -> tuple[Input, ...]:
        """What was said when the work began, else what was asked for, else what is registered now."""
        if run.datasets:
            return self._ordered(run.datasets)
        own = tuple(t for t in tables if t.startswith(OWN))
        made = await self._harvested(run_id, run, own) if own else ()
        others = tuple(t for t in tables if t not in own)
        refs = run.wanted.datasets or (await self._registered(run, others) if others else ())
        return tuple(sorted((*made, *self._ordered(r for r in refs if r.table in others)), key=_order))

    async def _ledgers(self, run: Run) -> tuple[Input, ...]:
        """In the order in which they were read in: where two say otherwise of a settlement, the later one counts."""
        refs = run.datasets or run.wanted.datasets or await self._registered(run, LEDGERS)
        place = {(ref.table, ref.sha256): n for n, ref in enumerate(refs)}
        return tuple(sorted(self._ordered(refs), key=lambda i: place[i.table, i.sha256]))

    def _ordered(self, refs: Iterable[DatasetRef]) -> tuple[Input, ...]:
        found = tuple(sorted((self._input(ref) for ref in refs), key=_order))
        if len(found) > MOST_DATASETS:
            told = f"共有 {len(found)} 个数据集, 一个任务最多 {MOST_DATASETS} 个"
            raise Problem(f"{told}: 请在 datasets 中指定, 或把旧的合并后重新读入、再撤下原来的")
        return found

    async def _registered(self, run: Run, tables: tuple[str, ...]) -> tuple[DatasetRef, ...]:
        refs = {(d.table, d.sha256): d for d in await self._datasets.current(tables)}
        before = await self._runs.find(run.after) if run.after else None
        if before is not None and before.state is not None and before.state.result is not None:
            # What the run before has just read in may not be registered yet.
            outcome = before.state.result.outcome
            if outcome is not None and outcome.made is not None and outcome.made.table in tables:
                refs[outcome.made.table, outcome.made.sha256] = outcome.made
        return tuple(refs.values())

    async def _harvested(self, run_id: UUID, run: Run, tables: tuple[str, ...]) -> tuple[Input, ...]:
        """The desk's own figures, of what was recorded until the run was asked for."""
        assert run.requested_at is not None
        folder = stats_dir(self._data_dir) / "datasets"
        scratch = run_dir(self._data_dir, run_id) / f"{SCRATCH}harvest"
        try:
            made = await harvest(self._js, scratch, run.requested_at, tables)
        except HarvestFailed as failed:
            raise Problem(str(failed)) from None
        kept = tuple(_kept(i, folder) for i in made)
        await asyncio.to_thread(shutil.rmtree, scratch, True)
        return kept

    def _input(self, ref: DatasetRef) -> Input:
        path = dataset_path(self._data_dir, ref.table, ref.sha256)
        if not path.exists():
            raise Problem(f"数据表 {ref.table} 的数据集 {ref.sha256[:12]} 已不在服务器上: 请重新上传")
        return Input(ref.table, ref.sha256, ref.rows, str(path))


def _order(given: Input) -> tuple[str, str]:
    return given.table, given.sha256


def _read(source: str, sql: str) -> Definition:
    try:
        return read(source, sql)
    except UNREADABLE:
        raise Problem("这个版本的口径已不能读取: 请修订口径并生效后重新提交任务") from None


def _check_tables(names: tuple[str, ...]) -> None:
    if gone := [name for name in names if name not in known_tables()]:
        raise Problem(f"数据表 {'、'.join(gone)[:200]} 已不在本系统中: 请修订口径, 或从 GET /tables 的目录中选择")


def _kept(made: Input, folder: Path) -> Input:
    """Among the data sets, so that the run can be repeated."""
    path = folder / made.table / f"{made.sha256}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    Path(made.path).replace(path)
    return msgspec.structs.replace(made, path=str(path))
