"""Thresholds of a promise (阈值): a share of its time, or open time beyond it, and who is told there."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import Final, get_args

import msgspec

from contracts.sla import Target

DUE: Final = "100%"
MOST_S: Final = 5_000 * 3600
_DURATION = re.compile(r"(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")
_SHARE = re.compile(r"([0-9]{1,3})%")


class Threshold(msgspec.Struct, frozen=True):
    """Reached when `share` of the promised time and `beyond` on top of it have passed; `label` is how it is written."""

    label: str
    share: float
    beyond: timedelta
    tell: tuple[Target, ...] = ()

    def after(self, within: timedelta) -> timedelta:
        """The open time until it is reached."""
        return within * self.share + self.beyond if self.share < 1 else within + self.beyond


@lru_cache
def duration(text: str) -> timedelta:
    """`90s`, `30m`, `4h`, `1h30m`: open time, so there are no days. Raises ValueError."""
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError(f"时长 {text!r} 不可用: 请写成 30m, 4h 或 1h30m")
    hours, minutes, seconds = (int(n or 0) for n in found.groups())
    if not 0 < hours * 3600 + minutes * 60 + seconds <= MOST_S:
        raise ValueError(f"时长 {text!r} 应大于 0, 不超过 {MOST_S // 3600} 小时")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def threshold(label: str, tell: tuple[Target, ...]) -> Threshold:
    """`80%` or `+15m`. Raises ValueError."""
    if unknown := set(tell) - set(get_args(Target)):
        raise ValueError(
            f"阈值 {label} 的通知对象 {', '.join(sorted(unknown))} 不存在: 可用 {', '.join(get_args(Target))}"
        )
    if label.startswith("+"):
        return Threshold(label, 1.0, duration(label[1:]), tell)
    found = _SHARE.fullmatch(label)
    if found is None or not 0 < int(found[1]) <= 100:
        raise ValueError(f"阈值 {label!r} 不可用: 请写成 1% 到 100%, 或 +15m")
    return Threshold(label, int(found[1]) / 100, timedelta(), tell)
