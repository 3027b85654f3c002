"""Policies (时限政策): which clocks a case gets, and how long they run."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from contracts.sla import Clock


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`within_s` in seconds of wall time; `warn_at` is a share of it, between 0 and 1."""

    within_s: float
    warn_at: float = 0.8

    @property
    def within(self) -> timedelta:
        return timedelta(seconds=self.within_s)

    @property
    def until_warning(self) -> timedelta:
        return timedelta(seconds=self.within_s * self.warn_at)


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Empty conditions fit every case."""

    name: str
    institutions: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    first_response: Promise | None = None
    resolution: Promise | None = None

    def fits(self, institution_code: str | None, priority: str) -> bool:
        return (not self.institutions or institution_code in self.institutions) and (
            not self.priorities or priority in self.priorities
        )

    @property
    def promises(self) -> dict[Clock, Promise]:
        both: dict[Clock, Promise | None] = {"first_response": self.first_response, "resolution": self.resolution}
        return {clock: promise for clock, promise in both.items() if promise is not None}


class PolicyError(SystemExit):
    """The policy file cannot be used; the message says where."""


def load(path: Path) -> tuple[Policy, ...]:
    """Read policies from YAML. Raises PolicyError when the file is wrong or its last policy has conditions."""
    try:
        policies = msgspec.yaml.decode(path.read_bytes(), type=tuple[Policy, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise PolicyError(f"时限政策文件 {path} 不可用: {error}") from None
    if not policies or policies[-1].institutions or policies[-1].priorities:
        raise PolicyError(f"时限政策文件 {path} 的最后一条必须适用于所有工单 (不带条件)")
    return policies


def choose(policies: Sequence[Policy], institution_code: str | None, priority: str) -> Policy:
    """The first policy that fits; `load` has made sure that the last one always does."""
    return next(p for p in policies if p.fits(institution_code, priority))
