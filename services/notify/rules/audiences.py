"""Who a rule is for, from its words and the event: `assignee` becomes a person, roles stay words for the roster."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from contracts.envelope import SYSTEM, Event
from contracts.obligation import ObligationAlarm
from contracts.sla import SlaWarned

DESK, LEAD, CONTACT = "desk", "lead", "contact"
RESIDENT, REMOTE = "resident", "remote"
WORDS: Final = (
    DESK, LEAD, CONTACT, RESIDENT, REMOTE, "assignee", "requester", "owner", "targets", "experts", "institution",
    "contract",
)  # fmt: skip
PREFIXES: Final = ("staff:", "contact:", "institution:", "experts:", "contract:")


def named_by(words: tuple[str, ...], event: Event) -> tuple[str, ...]:
    """Audiences, each once, the desk where the words come to nobody: `staff:<id>`, `experts:<category>`,
    `institution:<code>`, `contract:<code>`, and the words that the roster, the directory or a group stand behind.

    Only where the rule says `targets` and its event tells nobody, nobody is meant.
    """
    found = tuple(dict.fromkeys(one for word in words for one in _named(word, event)))
    return found or (() if "targets" in words else (DESK,))


def unknown(words: tuple[str, ...], groups: Collection[str]) -> list[str]:
    """Those that mean nothing; `groups` are the names of the groups that there are."""
    known = {*WORDS, *groups}
    return [w for w in words if w not in known and not any(w.startswith(p) and w != p for p in PREFIXES)]


def _named(word: str, event: Event) -> Iterator[str]:
    match word:
        case "assignee":
            yield owner(event)
        case "requester":
            asker = getattr(event, "requested_by", "")
            yield f"staff:{asker}" if asker and asker != SYSTEM.id else DESK  # what asks for itself has no inbox
        case "owner":
            keeper = getattr(event, "owner", "")
            yield f"staff:{keeper}" if keeper else LEAD
        case "targets":
            yield from _targets(event)
        case "experts":
            yield from _each("experts:", getattr(event, "category", None))
        case "institution" | "contract":
            yield from _each(f"{word}:", _institutions(event))
        case _:
            yield word


def owner(event: Event) -> str:
    """Who has it in hand; the desk where nobody has."""
    assignee = getattr(event, "assignee", None)
    return f"staff:{assignee}" if assignee else DESK


def _targets(event: Event) -> Iterator[str]:
    """Whom the policy or the definition names at this threshold.

    Clocks from before policies named anybody tell who has the case, and from the deadline on the lead as well.
    """
    if not getattr(event, "threshold", "") and not isinstance(event, ObligationAlarm):
        yield owner(event)
        if not isinstance(event, SlaWarned):
            yield LEAD
        return
    for target in getattr(event, "targets", ()):
        yield owner(event) if target == "assignee" else target


def _institutions(event: Event) -> Any:
    return getattr(event, "institution_code", None) or getattr(event, "institutions", None)


def _each(prefix: str, of: str | tuple[str, ...] | None) -> Iterator[str]:
    for one in (of,) if isinstance(of, str) else of or ():
        yield f"{prefix}{one}"
