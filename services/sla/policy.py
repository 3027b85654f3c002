"""Policies (时限政策): which clocks a case gets, how long they run, in which calendar, and who is told when."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec

from chassis.calendars.hours import ALWAYS
from chassis.errors import CannotStart
from contracts.case import Category, Kind, Priority
from contracts.channel import Channel
from contracts.sla import CANARY, Clock, Target
from services.sla.threshold import DUE, Threshold, duration, threshold

CLOCKS: tuple[Clock, ...] = ("first_response", "next_response", "chase", "resolution")
_USUAL: dict[str, tuple[Target, ...]] = {"80%": ("assignee",), DUE: ("assignee", "lead")}


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a case when a policy is chosen for it; `promised` is the policy that its contract names."""

    kind: str | None = None
    category: str | None = None
    priority: str | None = None
    channel: str | None = None
    institution: str | None = None
    contract: str | None = None
    promised: str | None = None


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Conditions; empty ones fit every case. `hours` is whether its calendar was open when the case was opened."""

    contracts: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    categories: tuple[Category, ...] = ()
    priorities: tuple[Priority, ...] = ()
    channels: tuple[Channel, ...] = ()
    hours: Literal["any", "open", "closed"] = "any"

    def fits(self, case: About, is_open: Callable[[], bool]) -> bool:
        pairs: tuple[tuple[Sequence[str], str | None], ...] = (
            (self.contracts, case.contract), (self.institutions, case.institution), (self.kinds, case.kind),
            (self.categories, case.category), (self.priorities, case.priority), (self.channels, case.channel),
        )  # fmt: skip
        return all(value in wanted for wanted, value in pairs if wanted) and (
            self.hours == "any" or is_open() == (self.hours == "open")
        )


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`within` is open time of `calendar`; `thresholds` are labels with whom to tell there."""

    within: str
    calendar: str = ""
    thresholds: dict[str, tuple[Target, ...]] = msgspec.field(default_factory=_USUAL.copy)

    @property
    def steps(self) -> tuple[Threshold, ...]:
        """The thresholds in order of time. Raises ValueError."""
        within = duration(self.within)
        steps = [threshold(label, tell) for label, tell in self.thresholds.items()]
        return tuple(sorted(steps, key=lambda step: step.after(within)))


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clock that it does not name does not run; `none` says why there is none at all."""

    name: str
    when: When = When()
    calendar: str = ALWAYS.name
    none: str = ""
    first_response: Promise | None = None
    next_response: Promise | None = None
    chase: Promise | None = None
    resolution: Promise | None = None

    def promise(self, clock: Clock) -> Promise | None:
        found: Promise | None = getattr(self, clock)
        return found

    def calendar_of(self, promise: Promise) -> str:
        return promise.calendar or self.calendar


SINGING = Policy(
    CANARY,
    When(channels=(CANARY,)),  # type: ignore[arg-type]  # no channel of people
    first_response=Promise("4s", thresholds={"50%": (), DUE: ()}),
)
"""The promise of a canary's clock; see `canary.py`."""


class PolicyError(CannotStart):
    """The policy file cannot be used; the message says where."""


def load(path: Path) -> tuple[Policy, ...]:
    """Read policies from YAML. Raises PolicyError when the file is wrong."""
    try:
        return parse(msgspec.yaml.decode(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise PolicyError(f"时限政策文件 {path} 不可用: {error}") from None


def parse(written: Any) -> tuple[Policy, ...]:
    """Policies as they are written. Raises ValueError when one is wrong or the last one has conditions."""
    policies = msgspec.convert(written, tuple[Policy, ...])
    for policy in policies:
        _check(policy)
    names = [policy.name for policy in policies]
    if twice := {name for name in names if names.count(name) > 1 or name == CANARY}:
        raise ValueError(f"政策名 {', '.join(sorted(twice))} 重复或已被占用: 请改名")
    if not policies or policies[-1].when != When():
        raise ValueError("最后一条必须适用于所有工单 (不带条件)")
    return policies


def _check(policy: Policy) -> None:
    promises = [p for clock in CLOCKS if (p := policy.promise(clock)) is not None]
    if bool(promises) == bool(policy.none):
        raise ValueError(f"政策 {policy.name!r} 须给出至少一个时限, 或用 none 说明为何没有时限")
    for promise in promises:
        labels = [step.label for step in promise.steps]
        if DUE not in labels:
            raise ValueError(f"政策 {policy.name!r} 的阈值 {', '.join(labels)} 缺少 {DUE}")


def version_of(policies: Sequence[Policy], calendars: Sequence[str]) -> str:
    """Twelve digits; the same policies and versions of calendars give the same."""
    return sha256(msgspec.json.encode([policies, sorted(calendars)])).hexdigest()[:12]
