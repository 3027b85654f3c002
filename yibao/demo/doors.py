"""The ways in that intake has itself: the form on the web, and the telephone."""

from datetime import timedelta
from zlib import crc32

from yibao.demo.day import now
from yibao.demo.desk import Desk
from yibao.demo.line import Line
from yibao.demo.steps import Call, Form


async def hand_in(desk: Desk, play_id: str, n: int, step: Form | Call) -> Line:
    """What intake publishes for it is intake's own: the line knows only its id."""
    if isinstance(step, Form):
        return Line(n, "web", await fill_in(desk, play_id, step), b"", step.expect)
    return Line(n, "phone", await phone(desk, play_id, step), b"", step.expect)


async def fill_in(desk: Desk, play_id: str, step: Form) -> str:
    """Send the form as the web page would; the id of the message that it became."""
    fields = {**step.fields, "form_id": f"{play_id}-{step.form}"}
    done = await desk.post("intake", "/channels/web/messages", "demo", fields)
    return str(done["message_id"])


async def phone(desk: Desk, play_id: str, step: Call) -> str:
    """Ring, answer, hang up as the switch reports it, then the agent's note; the id of the message that it became."""
    caller = f"0931{crc32(f'{play_id}-{step.call}'.encode()) % 10**7:07d}"
    call_id, at = f"{play_id}-{step.call}", now() - timedelta(minutes=2)
    for event, after_s in (("ring", 0), ("answer", 6), ("hangup", 95)):
        told = {"call_id": call_id, "event": event, "at": (at + timedelta(seconds=after_s)).isoformat()}
        await desk.post("intake", "/channels/phone/calls", "demo", {**told, "caller": caller})
    note = {"text": step.text, "name": step.name, **({"institution": step.institution} if step.institution else {})}
    done = await desk.post("intake", f"/channels/phone/calls/{call_id}/note", step.by, note)
    return str(done["message_id"])
