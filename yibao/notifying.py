"""What `yibao notify` does with the desk's servers: reads its stream, counts a report."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from pymongo.errors import PyMongoError

from chassis.replay import replay
from chassis.vault import load_key
from services.notify.digests.period import KIND_NAMES, Kind, Times, period
from services.notify.digests.reading import figures
from services.notify.digests.report import Words, ahead, report
from services.notify.people.picture import People
from services.notify.proof.reading import Proof
from services.notify.proof.said import SUBJECTS, Heard
from services.notify.proof.witness import Witness
from services.notify.settings import NotifySettings
from yibao.asking import fail
from yibao.servers import servers
from yibao.settings import StackSettings


def run(work: Callable[[], Any]) -> Any:
    """Work on the desk's servers; without them it ends with a sentence."""
    try:
        return asyncio.run(work())
    except (NatsError, PyMongoError, OSError):
        fail("连不上 NATS 或 MongoDB: 请先运行 make up", 2)


async def reported(kind: Kind, day: date, audience: str) -> Words:
    """The report as it is posted, counted from the streams now; of a period that runs what there is of it so far."""
    own, at = NotifySettings(), datetime.now(UTC)
    of = period(kind, day, Times.of(own.notify_daily_at, own.notify_weekly_at))
    if at < of.since:
        fail(f"这一期{KIND_NAMES[kind]}从 {of.since:%Y-%m-%d %H:%M} 才开始: 请选更早的日期", 2)
    async with servers(StackSettings().located()) as (js, _):
        counted, people = await figures(js, of), await _people(js)
    group, _, key = audience.partition(":")
    shifts = ahead(people.shifts, key, of.moment(at)) if group == "staff" else ()
    return report(counted, audience, shifts, people.institution, at)


async def _people(js: JetStreamContext) -> People:
    """As notify has them in memory."""
    from contracts.registry import EVENTS

    people = People()
    for stream, hear in (("DIRECTORY", people.hear), ("DUTY", people.shifts.hear), ("SETTING", people.wishes.hear)):
        async for stored in replay(js, stream):
            hear(EVENTS[stored.subject].model_validate_json(stored.body))  # type: ignore[arg-type]
    return people


async def witnessed(proof: Proof) -> list[str]:
    """Where the file and the NOTIFY stream differ."""
    witness = Witness({line.alert_id for line in proof.lines})
    decode = msgspec.json.Decoder(Heard).decode
    async with servers(StackSettings().located()) as (js, _):
        async for stored in replay(js, "NOTIFY", SUBJECTS):
            witness.hear(decode(stored.body))
    return list(witness.differences(proof.lines, whole=not set(proof.filters) - {"rule", "case"}))


def desk_key() -> bytes:
    """The desk's secret key, by which it seals. Raises typer.Exit: without one here nothing can be checked."""
    configured, directory = NotifySettings().secret_key.get_secret_value(), StackSettings().data_dir
    if not configured and not (directory / "secret.key").exists():
        fail(f"没有找到服务台的密钥: 请设置 YIBAO_SECRET_KEY, 或在有 {directory / 'secret.key'} 的主机上核对", 2)
    try:
        return load_key(configured, directory)
    except ValueError:
        fail("服务台的密钥不可用: 请运行 yibao doctor 查看", 2)
