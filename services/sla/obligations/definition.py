"""Definitions of duties as obligations.yaml says them: what, whose, how often, until when, and who is told."""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from chassis.errors import CannotStart
from chassis.wording import in_chinese
from contracts.obligation import Each
from contracts.sla import Target
from services.sla.obligations.days import Every, Shift, day_of, precedes, time_of
from services.sla.threshold import duration

DUE = "due"
_NAME = re.compile("[a-z0-9_]{1,60}")
_LABEL = re.compile(r"due|[+-][1-9][0-9]{0,2}d|[1-9][0-9]?%|[+-][0-9hms]+")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who is told at a threshold; with `least` only when fewer are done by then."""

    tell: tuple[Target, ...] = ()
    least: int = 0


class Daily(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The notice of the day, while the window is open."""

    tell: tuple[Target, ...]
    at: str = "09:00"
    days: Literal["workdays", "every"] = "workdays"


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many pieces of evidence an item needs, and how many are the most; 0 for no limit.

    What the contract itself says of `agreed` outweighs `most`, where it says anything.
    """

    least: int
    most: int = 0
    agreed: Literal["trainings"] | None = None


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`opens` and `due` are days of the period, or of the one after it with `about: last`."""

    name: str
    title: str
    todo: str
    each: Each
    every: Every
    due: str
    thresholds: dict[str, tuple[Target, ...] | Step]
    opens: str = "day 1"
    about: Literal["this", "last"] = "this"
    shift: Shift = "before"
    calendar: str = "desk"
    remind_at: str = "09:00"
    daily: Daily | None = None
    by_progress: bool = False
    count: Counted | None = None

    @property
    def steps(self) -> dict[str, Step]:
        return {label: s if isinstance(s, Step) else Step(s) for label, s in self.thresholds.items()}

    @property
    def version(self) -> str:
        """12 hex digits; a field that is left out does not count."""
        return sha256(msgspec.json.encode(self)).hexdigest()[:12]


class ObligationError(CannotStart):
    """The file of obligations cannot be used; the message says where."""


def load(path: Path) -> tuple[Definition, ...]:
    """Read definitions from YAML. Raises ObligationError."""
    try:
        return parse(msgspec.yaml.decode(path.read_bytes()))
    except OSError as error:
        raise ObligationError(f"服务义务文件 {path} 读不出来: {error.strerror}") from None
    except ValueError as error:
        raise ObligationError(f"服务义务文件 {path} 不可用: {error}") from None


def parse(written: Any) -> tuple[Definition, ...]:
    """Definitions as they are written. Raises ValueError that names the entry."""
    if not isinstance(written, list):
        raise ValueError("应为一个列表, 每项义务一条 (以 - name: 开头)")
    found: list[Definition] = []
    for n, entry in enumerate(written, 1):
        name = entry.get("name", "?") if isinstance(entry, dict) else "?"
        try:
            definition = msgspec.convert(entry, Definition)
            _check(definition)
        except ValueError as error:
            raise ValueError(f"第 {n} 条 ({name}): {_chinese(str(error))}") from None
        if any(other.name == definition.name for other in found):
            raise ValueError(f"第 {n} 条: name {definition.name} 与前面的重复, 请改名")
        found.append(definition)
    return tuple(found)


def _check(d: Definition) -> None:
    if not _NAME.fullmatch(d.name):
        raise ValueError("name 只用小写字母、数字和下划线")
    day_of(d.opens), day_of(d.due), time_of(d.remind_at), time_of(d.daily.at if d.daily else d.remind_at)
    if precedes(day_of(d.due), day_of(d.opens), d.every):
        raise ValueError(f"due ({d.due}) 在 opens ({d.opens}) 之前: 请改正其中一个")
    if d.every == "period" and (d.each == "desk" or d.about == "last"):
        raise ValueError("every: period 是合同的服务期: each 不能是 desk, about 不能是 last")
    if DUE not in d.thresholds:
        raise ValueError(f"thresholds 缺少 {DUE} (到期时通知谁)")
    for label, step in d.steps.items():
        if not _LABEL.fullmatch(label):
            raise ValueError(f"阈值 {label!r} 不可用: 请写成 -3d, -2h, 50%, due 或 +1d")
        if label[0] in "+-" and not label.endswith("d"):
            duration(label[1:])
        if step.least and (d.count is None or label[0] == "+"):
            raise ValueError(f"阈值 {label} 的 least 须配合 count, 且在到期之前")
        if not 0 <= step.least <= (d.count.least if d.count else 0):
            raise ValueError(f"阈值 {label} 的 least 应不小于 0, 不大于 count 的 least")
    if d.count and (d.count.least < 1 or 0 < d.count.most < d.count.least):
        raise ValueError("count 的 least 至少为 1, most 不小于 least (0 为不限)")
    if d.count and d.by_progress:
        raise ValueError("count 与 by_progress 只能用一个")


def _chinese(said: str) -> str:
    what, _, where = said.partition(" - at ")
    if unknown := re.search(r"unknown field `(.*)`", what):
        what = f"不认识字段 {unknown[1]}, 请改正拼写或删去"
    elif "Invalid enum value" in what and "thresholds" in where:
        what = f"{in_chinese(what) or what} (通知对象: {', '.join(get_args(Target))})"
    else:
        what = in_chinese(what) or what
    return f"{where.strip('`').removeprefix('$.')}: {what}" if where else what
