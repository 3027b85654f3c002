"""Who gets a new case: the people on duty, narrowed by rules that are data, then whoever has most room.

Pure: the same people, loads and case give the same answer, whichever process asks.
"""

from collections.abc import Callable, Mapping, Sequence
from heapq import heapify, heapreplace
from typing import Final, Literal

import msgspec

Preference = Literal["skilled", "generalist", "posted", "resident", "remote", "lead"]
SOON = 32  # of so many new cases between two counts each is kept in mind; more go round again


class Engineer(msgspec.Struct, frozen=True):
    """One person who may be given a case now. Without skills they take everything."""

    id: str
    place: Literal["resident", "remote"] = "remote"
    lead: bool = False
    skills: frozenset[str] = frozenset()
    posted_at: frozenset[str] = frozenset()
    most: int = 20


class Facts(msgspec.Struct, frozen=True):
    """What is known of the case."""

    category: str
    priority: str
    institution: str | None = None
    kind: str = ""
    channel: str = ""


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that is not named fits everything."""

    channels: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def fits(self, case: Facts) -> bool:
        pairs = ((self.channels, case.channel), (self.priorities, case.priority),
                 (self.categories, case.category), (self.kinds, case.kind))  # fmt: skip
        return all(value in wanted for wanted, value in pairs if wanted)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prefer: Preference
    because: str
    when: When | None = None


_IS: Final[dict[Preference, Callable[[Engineer, Facts], bool]]] = {
    "skilled": lambda engineer, case: case.category in engineer.skills,
    "generalist": lambda engineer, case: not engineer.skills,
    "posted": lambda engineer, case: case.institution in engineer.posted_at,
    "resident": lambda engineer, case: engineer.place == "resident",
    "remote": lambda engineer, case: engineer.place == "remote",
    "lead": lambda engineer, case: engineer.lead,
}


def choose(
    people: Sequence[Engineer], case: Facts, load: Mapping[str, int], rules: Sequence[Rule], turn: int = 0
) -> tuple[str, str] | None:
    """The engineer's id and why; None when there is nobody.

    `turn` is how many cases were given away since `load` was counted: as if those had gone to these very people.
    """
    free = [e for e in people if load.get(e.id, 0) < e.most]
    left, why = _narrow(free or people, case, rules)
    if not left:
        return None
    chosen = _with_most_room(left, load, turn % SOON)
    n = load.get(chosen.id, 0)
    why.append(f"负荷最轻 (在办 {n}, 上限 {chosen.most})" if free else f"在岗人员均已达上限, 负荷最轻 (在办 {n})")
    return chosen.id, "; ".join(why)


def _narrow(people: Sequence[Engineer], case: Facts, rules: Sequence[Rule]) -> tuple[Sequence[Engineer], list[str]]:
    why: list[str] = []
    for rule in rules:
        if rule.when is None or rule.when.fits(case):
            kept = [e for e in people if _IS[rule.prefer](e, case)]
            if kept:
                people = kept
                why.append(_said(rule.because, case))
    return people, why


def _said(because: str, case: Facts) -> str:
    """Replaced by hand: what stands in a configured text must not reach into objects, as `format` would."""
    words = {"{category}": case.category, "{institution}": case.institution or "本机构", "{priority}": case.priority}
    for name, word in words.items():
        because = because.replace(name, word)
    return because


def _with_most_room(people: Sequence[Engineer], load: Mapping[str, int], turn: int) -> Engineer:
    """Fewest open cases for their limit; equals in the order of their ids, one after the other."""
    queue = [(load.get(e.id, 0) / e.most, e.id, load.get(e.id, 0), e) for e in people]
    if not turn:
        return min(queue)[3]
    heapify(queue)
    for _ in range(turn):
        _, id_, n, engineer = queue[0]
        heapreplace(queue, ((n + 1) / engineer.most, id_, n + 1, engineer))
    return queue[0][3]


class Duty(msgspec.Struct, frozen=True):
    """Who may be given a case at one moment. Nobody on leave is among `people`."""

    people: tuple[Engineer, ...] = ()
    load: Mapping[str, int] = {}
    rules: tuple[Rule, ...] = ()
    note: str = ""  # why it is these people, where that is not plain
    turn: int = 0

    def choose(
        self, category: str, priority: str, institution: str | None, kind: str = "", channel: str = ""
    ) -> tuple[str, str] | None:
        """The engineer for a new case and why, in Chinese; None when nobody is there, see `reason`."""
        facts = Facts(category, priority, institution, kind, channel)
        found = choose(self.people, facts, self.load, self.rules, self.turn)
        return (found[0], f"{self.note}; {found[1]}") if found and self.note else found

    @property
    def reason(self) -> str:
        """Why nobody was chosen; empty when somebody is there."""
        return "" if self.people else "当前无人在岗: 请组长指派, 或在值班表里补上班次"
