"""One case as its page shows it: the conversation across channels, the timeline with its causes, the clocks. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from contracts.sla import CLOCK_NAMES
from services.console.pages.cases import words

Json = dict[str, Any]
_QUIET: Final = {"case.message_repeated"}
_SAID: Final = {"case.opened", "case.message_added"}


def conversation(case: Json) -> list[Json]:
    """What was said to and by the requester, and notes among colleagues, oldest first.

    `side` is them, us or note; `outcome` is what the channel said about an answer.
    """
    events: Sequence[Json] = case["timeline"]
    files, outcomes = _files(events), _outcomes(events)
    said = [_line(line, case, files) for line in case["lines"]]
    if said:
        said[0]["why"] = case["why_text"]
    said += [one for event in events if (one := _answer(event, outcomes)) is not None]
    return sorted(said, key=lambda one: str(one["at"]))


def _line(line: Json, case: Json, files: Mapping[str, list[Json]]) -> Json:
    attached = [file for id_ in line["message_ids"] for file in files.get(id_, ())]
    return {
        "at": line["at"],
        "side": "us" if line["staff"] else "them",
        "name": line["sender"] or case["requester_name"] or case["requester_id"],
        "label": words.CHANNELS.get(case["channel"], case["channel"]),
        "text": line["text"],
        "why": line["why_text"],
        "message": line["message_ids"][0] if line["sealed"] else "",
        "times": len(line["message_ids"]),
        "files": attached,
        "outcome": "",
    }


def _answer(event: Json, outcomes: Mapping[str, str]) -> Json | None:
    match event["type"]:
        case "case.responded" if event["via"] != "group":  # what a colleague said in the group is a line already
            side, label, text = "us", words.VIA.get(event["via"], ""), event["text"]
        case "case.noted":
            side, label, text = "note", "内部备注", event["text"]
        case "case.resolved":
            side, label, text = "us", "解决方案", event["resolution"]
        case _:
            return None
    return {
        "at": event["occurred_at"], "side": side, "name": event["actor"].get("name") or event["actor"]["id"],
        "label": label, "text": text, "why": "", "message": "", "times": 1, "files": [],
        "outcome": outcomes.get(event["cause_id"], "") if event["type"] == "case.responded" else "",
    }  # fmt: skip


def _files(events: Iterable[Json]) -> dict[str, list[Json]]:
    """The attachments of each message, each with the last part of its address, by which intake hands it out."""
    return {
        event["message_id"]: [{**file, "key": str(file["url"]).rpartition("/")[2]} for file in event["attachments"]]
        for event in events
        if event["type"] in _SAID and event.get("attachments")
    }


def _outcomes(events: Iterable[Json]) -> dict[str, str]:
    """By the cause of an answer, what the channel said last about it."""
    causes: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    for event in events:
        if event["type"].startswith("channel.out."):
            causes[event["id"]] = event["cause_id"]
        elif event["type"] == "case.reply_reported" and event["reply_id"] in causes:
            outcome = words.OUTCOMES.get(event["outcome"], str(event["outcome"]))
            outcomes[causes[event["reply_id"]]] = f"{outcome}: {event['reason']}" if event["reason"] else outcome
    return outcomes


def timeline(events: Sequence[Json], clocks: Sequence[Json], staff: Mapping[str, str]) -> list[Json]:
    """Everything that happened to the case and to its clocks, the latest first. What followed from the same message or
    command as the event before it says so. `staff` are names by account."""
    causes = {event["id"]: words.event(event["type"]) for event in events}
    told = [_told(event, causes, staff) for event in events if event["type"] not in _QUIET]
    for before, one in pairwise(told):
        if not one["because"] and one["cause"] == before["cause"]:
            one["because"] = f"随「{before['what']}」"
    said = [_clock_said(clock, one) for clock in clocks for one in clock.get("said", ())]
    return sorted([*told, *said], key=lambda one: str(one["at"]), reverse=True)


def _told(event: Json, causes: Mapping[str, str], staff: Mapping[str, str]) -> Json:
    cause = event["cause_id"]
    return {
        "at": event["recorded_at"],
        "what": words.event(event["type"]),
        "who": words.actor(event["actor"], staff),
        "text": words.details(event, staff),
        "cause": cause,
        "because": f"因「{causes[cause]}」" if cause in causes else "",
    }


def _clock_said(account: Json, said: Json) -> Json:
    name = f"{CLOCK_NAMES[account['clock']['clock']]}时限: {words.CLOCK_EVENTS.get(said['type'], said['type'])}"
    return {"at": said["at"], "what": name, "who": "系统", "text": "", "cause": "", "because": ""}


def clocks(accounts: Sequence[Json]) -> list[Json]:
    """Those that go on first, the earliest deadline first; those that ended after them, the latest first."""
    going = [a for a in accounts if a["clock"]["state"] in ("running", "paused")]
    ended = [a for a in accounts if a["clock"]["state"] not in ("running", "paused")]
    return [
        *sorted(going, key=lambda a: str(a["clock"]["due_at"])),
        *sorted(ended, key=lambda a: str(a["clock"]["ended_at"]), reverse=True),
    ]
