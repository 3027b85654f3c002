"""What becomes of a run when its process, its own code or a server fails."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from nats.errors import TimeoutError as NatsTimeout
from pymongo.errors import AutoReconnect

from chassis.store import Document
from contracts.envelope import derive_id
from services.stats.problem import Problem
from services.stats.runs import process, work
from services.stats.runs.executor import Executor
from services.stats.runs.job import Job, Line
from services.stats.runs.model import Result, Run, Wanted

RUN = derive_id("run", "carrying")
CSV = (
    "setl_id,insutype,clr_type,setl_optins,setl_time,medfee_sumamt,fund_pay_sumamt,acct_pay,cash_payamt,refd_setl_flag\n"
    "S1,310,11,620101,2026-01-01 08:00:00,100.00,60.00,10.00,30.00,0\n"
)


def job(folder: Path) -> Job:
    (folder / "upload.csv").write_text(CSV)
    return Job(
        kind="ingest", report="hospital_ledger", definition_hash="", out=str(folder / "out"),
        datasets=str(folder / "datasets"), memory_mb=1536, wanted=Wanted(name="a.csv"), key="00" * 32,
        upload=str(folder / "upload.csv"), upload_id="f" * 64,
    )  # fmt: skip


async def quiet(n: int, line: Line) -> None: ...


async def test_a_server_that_does_not_answer_is_not_taken_for_the_time_limit(tmp_path: Path) -> None:
    async def unheard(n: int, line: Line) -> None:
        raise NatsTimeout

    with pytest.raises(NatsTimeout):
        await process.run(job(tmp_path), 60, unheard)
    assert "YIBAO_STATS_TIME_LIMIT_S" in str(await process.run(job(tmp_path), 0.01, quiet))


async def test_what_a_killed_process_has_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / "out" / f"{process.SCRATCH}left"
    left.mkdir(parents=True)
    (left / "rows").write_bytes(bytes(10))
    assert isinstance(await process.run(job(tmp_path), 60, quiet), Result)
    assert not list((tmp_path / "out").glob(f"{process.SCRATCH}*"))


@pytest.mark.parametrize(
    ("error", "told"),
    [(OSError(28, "No space left on device"), "磁盘已满"), (RuntimeError("IO Error: No space left on device"), "磁盘"),
     (MemoryError(), "内存不足"), (ValueError("张三 620102"), "ValueError"), (Problem("请先上传"), "请先上传")],
)  # fmt: skip
def test_a_process_says_why_and_never_what_was_in_the_data(
    error: Exception, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Result:
        raise error

    monkeypatch.setattr(work, "carry_out", fails)
    line = work._outcome(job(tmp_path), lambda stage, done: None)
    assert told in line.problem
    assert "张三" not in line.problem


class Carried:
    """In place of `Carrying`: every run comes to the same, which may be an error."""

    def __init__(self, outcome: Exception | Result | str, cancelled: bool = False) -> None:
        self._outcome, self._cancelled = outcome, cancelled
        self.said: list[tuple[str, Any]] = []

    async def outcome(self, *_: object) -> Result | str:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    async def is_cancelled(self, _: UUID) -> bool:
        return self._cancelled

    async def say(self, command: type, _: UUID, what: str, **facts: object) -> None:
        self.said.append((what, facts.get("reason")))


def executor(carried: Carried) -> Executor:
    async def find(_: UUID) -> Document[Run]:
        return Document(RUN, Run(status="requested", report="setl_d", kind="ingest"), 1)

    service = SimpleNamespace(settings=SimpleNamespace(data_dir=Path("nowhere")))
    made: Any = Executor(service, SimpleNamespace(find=find), None, None)  # type: ignore[arg-type]
    made._carrying = carried
    found: Executor = made
    return found


REQUESTED: Any = SimpleNamespace(run_id=RUN)


async def test_what_fails_again_and_again_ends_and_lets_the_next_run_begin() -> None:
    carried = Carried(KeyError("setl_d"))
    for attempt in (1, 2):
        with pytest.raises(KeyError):
            await executor(carried)._serve(REQUESTED, attempt)
    assert carried.said == []
    await executor(carried)._serve(REQUESTED, 3)
    [(what, reason)] = carried.said
    assert what == "fail"
    assert "请把任务编号告知信息科" in reason


@pytest.mark.parametrize("outage", [NatsTimeout(), AutoReconnect("away"), ConnectionResetError()])
async def test_a_server_that_is_away_is_waited_out_however_long(outage: Exception) -> None:
    carried = Carried(outage)
    with pytest.raises(type(outage)):
        await executor(carried)._serve(REQUESTED, 99)
    assert carried.said == []


async def test_what_was_cancelled_while_it_ended_is_handed_over_to_nobody() -> None:
    carried = Carried(Result(1, 1, 0, 1, "a" * 64), cancelled=True)
    await executor(carried)._serve(REQUESTED, 1)
    assert carried.said == []
    finished = Carried(Result(1, 1, 0, 1, "a" * 64))
    await executor(finished)._serve(REQUESTED, 1)
    assert [what for what, _ in finished.said] == ["finish"]
