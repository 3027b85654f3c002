"""A desk that a day was played on, and everybody who may walk through it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from contracts.identity import Role
from tests.e2e.running import Up, running
from tests.support.console import signed_in
from tests.support.servers import settings_in
from tests.support.wait import until
from yibao.demo.desk import Desk
from yibao.demo.furnished import REVISED
from yibao.demo.reckoning import INSTITUTION
from yibao.demo.terms import agreed

PEOPLE: Final[dict[Role, str]] = {
    "engineer": "wang.fang", "lead": "chen.jie", "officer": "zhou.min", "hospital": "2yuan-yibao",
    "auditor": "qian.shen", "ops": "yun.wei", "admin": "guan.li",
}  # fmt: skip
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557"
    "bfabd40000000049454e44ae426082"
)  # fmt: skip


class Played(NamedTuple):
    """`own` are pages that a hospital has besides those that links lead to, `first` those of everybody else."""

    up: Up
    password: str
    own: list[str]
    first: list[str]

    def beginning(self, role: Role) -> list[str]:
        """Where this role's walk begins, besides the first page."""
        return self.own if role == "hospital" else self.first


@asynccontextmanager
async def played_in(directory: Path) -> AsyncIterator[Played]:
    async with running(settings_in(directory)) as up:
        ended = await up.yibao("demo", "--json", "--pace", "0")
        assert ended.code == 0, ended.out[-2_000:] + ended.err[-2_000:]
        password = (up.settings.data_dir / "demo" / "password").read_text()
        async with Desk(up.settings) as desk:
            own = await _of_the_hospital(up, desk, password)
            yield Played(up, password, own, [*own[:2], *await _of_the_desk(desk)])


async def _of_the_hospital(up: Up, desk: Desk, password: str) -> list[str]:
    """It asks with a screenshot and is answered, and has its own figures counted."""
    async with signed_in(up.settings, PEOPLE["hospital"], password) as http:
        question = {"text": "门诊结算 2207 一直转圈, 患者手机显示已扣费, 截图见附件, 要不要让患者再刷一次？"}
        asked = await http.post("/ask", data=question, files={"files": ("截图.png", PNG, "image/png")})
        sent = asked.headers["location"]

        async def taken() -> str | None:
            return str((await http.get(sent)).headers.get("location", ""))

        case = await until("the question is a case", taken)
        wish = {"period": "2026-10", "forms": "xlsx"}
        run = (await http.post("/reports/card_payments/runs", data=wish)).headers["location"]
    answer = {
        "text": "请不要再刷。先用 5203 按就诊编号查中心是否已结算: 已结算的补打票据, 未结算的用 2601 冲正后重结。"
    }
    await desk.act(case.rpartition("/")[2], "respond", PEOPLE["engineer"], answer)

    async def counted() -> bool:
        return bool((await desk.get("stats", run))["status"] == "finished")

    await until("the hospital's figures are counted", counted)
    return [case, sent, run]


async def _of_the_desk(desk: Desk) -> list[str]:
    """Obligations that have evidence, a report's result, a drafted definition, what two ledgers differ in."""
    duties = await desk.get("sla", "/obligations", contract=agreed()[0])
    [run, *_] = await desk.get("stats", "/runs", report="medical_fund_expenditure", status="finished")
    [compared] = await desk.get("stats", "/reconciliations", institution=INSTITUTION)
    places = [f"/training?contract={agreed()[0]}", f"/institutions/{INSTITUTION}", f"/reconciliations/{compared['id']}"]
    places += [f"/runs/{run['id']}", f"/reports/{REVISED}/versions"]
    return [*places, *(f"/obligations/{duty['id']}" for duty in duties)]
