"""A delivery as a line of the proof of delivery (送达证明): texts only, in Chinese and Beijing time. Pure.

The same delivery gives the same line, so that a seal over the lines tells whether a file is still what was exported.
"""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from chassis.zone import BEIJING
from contracts.delivery import DELIVERY_NAMES, DeliveryState
from contracts.notify import URGENCY_NAMES
from services.notify.digests.names import rule_name

HEAD = (
    "通知编号", "投递序号", "规则", "紧急程度", "标题", "工单号", "收件人", "途径", "状态", "登记时间", "送达时间",
    "回执时间", "已读时间", "确认时间", "尝试次数", "可能重复", "原因", "用时 (秒)",
)  # fmt: skip
STATES: dict[str, DeliveryState] = {name: state for state, name in DELIVERY_NAMES.items()}
_DIGITS = re.compile(r"\d{5,}")
Raw = dict[str, Any]


class Line(NamedTuple):
    """The cells of a line, in the order of `HEAD`."""

    alert_id: str
    delivery: str
    rule: str
    urgency: str
    title: str
    number: str
    recipient: str
    provider: str
    state: str
    queued_at: str
    sent_at: str
    received_at: str
    read_at: str
    acknowledged_at: str
    attempts: str
    repeat: str
    reason: str
    seconds: str


def line(found: Raw) -> Line:
    """Of a document with the alert's `state` in which `deliveries` is one delivery, whose number is `n`."""
    alert, n = found["state"], int(found["n"])
    delivery: Raw = alert["deliveries"]
    queued, sent = delivery["queued_at"], delivery.get("sent_at")
    times = [moment(delivery.get(f"{name}_at")) for name in ("queued", "sent", "received", "read", "acknowledged")]
    head = [str(found["_id"]), str(n), rule_name(alert["rule"]), URGENCY_NAMES[alert["urgency"]]]
    about = [plain(alert["title"]), alert.get("number", ""), masked(delivery["recipient"]), delivery["provider"]]
    state = DELIVERY_NAMES[delivery.get("state", "queued")]
    rest = [
        str(delivery.get("attempt", 1)),
        "是" if delivery.get("repeated") else "",
        plain(delivery.get("reason", "")),
    ]
    took = f"{(sent - queued).total_seconds():.3f}" if sent else ""
    return Line._make([*head, *about, state, *times, *rest, took])


def moment(at: datetime | None) -> str:
    """`2026-11-20 17:30:05`; empty where there is none."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if at else ""


def plain(text: str) -> str:
    """On one line and printable, as every kind of file gives it back."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def masked(recipient: str) -> str:
    """Who somebody of the desk is stays readable; of a contact only the ends of the id, and no long numbers at all
    but the codes of institutions.
    """
    kind, _, key = recipient.partition(":")
    if kind == "contact":
        return f"contact:{key[:2]}***{key[-2:] if len(key) > 4 else ''}"
    if kind == "institution":
        return recipient
    return _DIGITS.sub(lambda found: f"{found[0][:2]}***{found[0][-2:]}", recipient)


class Seal:
    """Counts and hashes lines as they go by; `filters` are part of what is sealed. `key` is the desk's secret key:
    without it nobody makes a seal that fits.
    """

    def __init__(self, filters: dict[str, str], key: bytes) -> None:
        self.rows, self.filters = 0, filters
        own = blake2b(b"notify proof", key=key, digest_size=32).digest()
        self._digest = blake2b(_bytes(sorted(filters.items())), key=own, digest_size=32)

    def add(self, cells: Sequence[str]) -> None:
        self.rows += 1
        self._digest.update(_bytes(list(cells)))

    @property
    def text(self) -> str:
        """64 characters."""
        return self._digest.hexdigest()


def sealed(filters: dict[str, str], lines: Iterable[Sequence[str]], key: bytes) -> Seal:
    """The seal of these lines."""
    seal = Seal(filters, key)
    for cells in lines:
        seal.add(cells)
    return seal


def _bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
