"""A case as the hospital sees that asked: its own words, the answers sent to it, how far it is. Nothing else of it.

Written as a list of what goes out, so that whatever a case learns to hold later stays inside. Pure.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from services.intake.desk import UNSOLVED
from services.intake.model import Case, Line
from services.intake.text.plain import title

Json = dict[str, Any]

_SAYS: Final = {"case.opened", "case.message_added"}
_STEPS: Final = {
    "case.opened": "已受理", "case.responded": "已答复", "case.resolved": "已解决", "case.closed": "已关闭",
    "case.reopened": "重新处理",
}  # fmt: skip


def outward(id_: object, case: Case) -> Json:
    """A row of the hospital's list."""
    lines = own_lines(case)
    times = (case.heard_at, case.last_response_at, case.ended_at, case.opened_at)
    return {
        "id": str(id_),
        "number": case.number,
        "title": title(lines[0].text) if lines else "",
        "status": case.status,
        "kind": case.kind,
        "channel": case.channel,
        "institution_code": case.asked_from,
        "requester_name": case.requester_name,
        "owes": _owes(case),
        "opened_at": case.opened_at,
        "heard_at": case.heard_at,
        "responded_at": case.responded_at,
        "last_response_at": case.last_response_at,
        "ended_at": case.ended_at,
        "moved_at": max(at for at in times if at is not None),
    }


def _owes(case: Case) -> str:
    """Whether it is the hospital's turn; which of the others the desk waits for is the desk's business."""
    theirs = case.owes == "institution" and case.institution_code == case.asked_from
    return "requester" if theirs or case.owes == "requester" else "nobody" if case.owes == "nobody" else "desk"


def own_lines(case: Case) -> list[Line]:
    """What the hospital's own people said; colleagues' words in a group are answers, and stand with these."""
    return [line for line in case.lines if line.asked_from is None and not line.staff]


def told(id_: object, case: Case, history: Sequence[str]) -> Json:
    """The case with its conversation and its steps, oldest first. `history` is what the case has said."""
    said: list[Json] = [msgspec.json.decode(text) for text in history]
    files = attached(said)
    lines = [_line(case, line, files) for line in own_lines(case)]
    answers = filter(None, map(_answer, said))
    conversation = sorted((*lines, *_once(answers)), key=lambda one: one["at"])
    steps = [{"at": _at(e), "type": e["type"], "text": _STEPS[e["type"]]} for e in said if e["type"] in _STEPS]
    return {**outward(id_, case), "conversation": conversation, "steps": steps}


def attached(said: Sequence[Json]) -> dict[str, list[Json]]:
    """The attachments of each message."""
    return {e["message_id"]: e["attachments"] for e in said if e["type"] in _SAYS and e.get("attachments")}


def key_of(attachment: Json) -> str:
    """What stands for an attachment in the address of a case's file."""
    return str(attachment["url"]).rpartition("/")[2]


def own_files(case: Case, said: Sequence[Json]) -> list[Json]:
    """The attachments of what the hospital's own people said."""
    mine = {id_ for line in own_lines(case) for id_ in line.message_ids}
    return [file for id_, files in attached(said).items() if id_ in mine for file in files]


def _line(case: Case, line: Line, files: dict[str, list[Json]]) -> Json:
    mine = [file for id_ in line.message_ids for file in files.get(id_, ())]
    shown = [{"name": f["name"], "media_type": f["media_type"], "key": key_of(f)} for f in mine]
    name = line.sender or case.requester_name
    return {"at": line.at, "by": "requester", "name": name, "text": line.text, "attachments": shown}


def _answer(event: Json) -> Json | None:
    """An answer of the desk; what the hospital says while it takes the case up again is its own word."""
    reason = event.get("reason", "")
    if event["type"] == "case.responded":
        said = {"by": "desk", "name": "", "text": event["text"]}
    elif event["type"] == "case.resolved":  # what it is asked to confirm
        said = {"by": "desk", "name": "", "text": event["resolution"]}
    elif event["type"] == "case.reopened" and reason.startswith(UNSOLVED):
        said = {"by": "requester", "name": event["actor"]["name"], "text": reason.removeprefix(UNSOLVED)}
    else:
        return None
    return {"at": _at(event), **said, "attachments": []}


def _once(answers: Iterable[Json]) -> Iterable[Json]:
    """A solution that was sent as an answer is not said again."""
    before = None
    for answer in answers:
        if answer["text"] != before:
            yield answer
        before = answer["text"]


def _at(event: Json) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])
