"""iCalendar (RFC 5545), the few lines that a list of deadlines needs; nothing but UTC, so no zones."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

WIDTH = 75  # octets of a line, its line break not counted


class Entry(NamedTuple):
    """A deadline, or with `until` a time that somebody is busy; `uid` is the same in every feed, `alarm` says so a day
    before.
    """

    uid: str
    at: datetime
    summary: str
    description: str
    cancelled: bool = False
    alarm: bool = True
    until: datetime | None = None


def calendar(name: str, entries: Iterable[Entry], stamp: datetime) -> str:
    """The feed; `stamp` is when it was made."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Yibao Desk//ZH", "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}", "X-WR-TIMEZONE:Asia/Shanghai"]  # fmt: skip
    body = (line for entry in entries for line in _entry(entry, stamp))
    return "".join(f"{folded(line)}\r\n" for line in (*head, *body, "END:VCALENDAR"))


def _entry(entry: Entry, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{_utc(stamp)}"
    yield f"DTSTART:{_utc(entry.at)}"
    if entry.until is not None:  # without an end it takes no time
        yield f"DTEND:{_utc(entry.until)}"
    yield f"SUMMARY:{_text(entry.summary)}"
    yield f"DESCRIPTION:{_text(entry.description)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if entry.until is None else 'OPAQUE'}"
    if entry.alarm:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P1D", f"DESCRIPTION:{_text(entry.summary)}")
        yield "END:VALARM"
    yield "END:VEVENT"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Escaped; what cannot stand in a text value is left out."""
    plain = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or c.isprintable())
    for character in ("\\", ";", ","):
        plain = plain.replace(character, f"\\{character}")
    return plain.replace("\n", "\\n")


def folded(line: str) -> str:
    """Lines of at most 75 octets, no character cut in two; the ones after the first begin with a space."""
    parts, room = [""], WIDTH
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append("")
            room = WIDTH - 1
        parts[-1] += character
        room -= size
    return "\r\n ".join(parts)
