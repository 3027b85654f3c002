"""What `yibao doctor` reminds of: nothing that is out of order today, but something that somebody has to look after."""

from datetime import date
from typing import Any

import httpx
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from chassis.broker import dial
from chassis.zone import BEIJING
from yibao.settings import StackSettings
from yibao.signing import Signed, on_this_machine

UNASKED = "没有检查: {} 没有回应"


async def holidays(settings: StackSettings, today: date) -> str | None:
    """Calendars whose announced holidays end soon, and in how many days."""
    try:
        async with httpx.AsyncClient(auth=Signed(settings, on_this_machine()), timeout=3, trust_env=False) as http:
            promises = (await http.get(f"{settings.url('sla')}/promises")).raise_for_status().json()
    except (httpx.HTTPError, OSError, ValueError):  # a key that is bad or cannot be read, too
        return UNASKED.format("sla")
    return ending(promises, today)


def ending(promises: dict[str, Any], today: date) -> str | None:
    """From what `GET /promises` says."""
    if not promises["endings"]:
        return None
    left = (min(date.fromisoformat(c["known_until"]) for c in promises["calendars"]) - today).days
    return f"{f'还有 {left} 天' if left >= 0 else '已经过期'}; {'; '.join(promises['endings'])}"


async def dead_letters(settings: StackSettings) -> str | None:
    """How many there are, and when the last one came. They are kept for the record, mended or not."""

    async def quiet(_: Exception) -> None:
        """Whether NATS can be reached has a line of its own."""

    try:
        client = await dial(
            settings, connect_timeout=1, allow_reconnect=False, max_reconnect_attempts=1, error_cb=quiet
        )
    except (NatsError, OSError, TimeoutError):
        return UNASKED.format("NATS")
    try:
        state = (await client.jetstream().stream_info("DEAD")).state
        if not state.messages:
            return None
        latest = (await client.jetstream().get_msg("DEAD", state.last_seq)).time
    except NotFoundError:
        return UNASKED.format("DEAD 流")
    finally:
        await client.close()
    when = f", 最近一条 {latest.astimezone(BEIJING):%m-%d %H:%M}" if latest else ""
    return f"共 {state.messages} 条{when}: 用 yibao dead list 看原因, 修改后可重放"
