"""A sheet of messages that were written down elsewhere: each row becomes a message, or says why not. Pure.

A row's message id is derived from what stands in the row and how often that stood above it. So the same file again,
or the whole file after a few rows were mended, imports only what is new.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from contracts.channel import Channel, ChannelMessage, Sender
from services.intake.channels.imports.columns import LABELS, NUMBER, OURS, REASON, channel_of, field_of, time_of
from services.intake.channels.imports.sheet import SheetRow, escaped, rows_of
from services.intake.channels.reading import BadPayload, message_of
from services.intake.clean import OLDEST
from services.intake.text.plain import MAX_TEXT, normalise

_HEADER_WITHIN = 10  # rows in which the header must stand: above it there may be a title
_SEVERAL: Final = ("contact", "name", "place")  # of several columns the first that says something counts
AHEAD: Final = timedelta(days=1)


class Rejected(NamedTuple):
    """A row that was not imported, as it stood there."""

    row: SheetRow
    reason: str


class Import(NamedTuple):
    """`messages` and `rejected` together are all rows. `ignored` are columns that nothing is known about."""

    header: tuple[str, ...]
    messages: list[ChannelMessage]
    rejected: list[Rejected]
    ignored: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.messages) + len(self.rejected)


def read_import(data: bytes, now: datetime, channel: Channel | None = None) -> Import:
    """Messages and rejected rows. `channel` is that of rows which name none. Raises BadPayload, and nothing else."""
    rows = rows_of(data)
    header, rest = _header(rows)
    fields = [field_of(name) for name in header]
    found = Import(
        header, [], [], tuple(h for h, f in zip(header, fields, strict=True) if h and not f and h not in OURS)
    )
    seen: Counter[str] = Counter()
    given: dict[tuple[str, str], ChannelMessage] = {}
    for row in rest:
        try:
            message = _message(row, fields, now, channel, seen)
            # Here and not as a dead letter: whoever typed it can mend it now.
            if given.setdefault((message.channel, message.message_id), message).dedupe_id != message.dedupe_id:
                raise BadPayload("消息编号与上面某行相同而内容不同: 请改编号, 或留空")
            found.messages.append(message)
        except BadPayload as error:
            found.rejected.append(Rejected(row, str(error)))
    return found


def _header(rows: Sequence[SheetRow]) -> tuple[tuple[str, ...], Sequence[SheetRow]]:
    for n, row in enumerate(rows[:_HEADER_WITHIN]):
        fields = [field for field in map(field_of, row.cells) if field]
        if "text" in fields and len(fields) > 1:
            if twice := [f for f, times in Counter(fields).items() if times > 1 and f not in _SEVERAL]:
                raise BadPayload(f"有两列都是“{LABELS[twice[0]]}”: 请只保留一列, 或改名")
            return row.cells, rows[n + 1 :]
    raise BadPayload("没有找到列名: 前几行中应有一行是列名, 至少有“内容”和“时间”; 可下载模板对照")


def _message(
    row: SheetRow, fields: Sequence[str | None], now: datetime, default: Channel | None, seen: Counter[str]
) -> ChannelMessage:
    if row.problem:
        raise BadPayload(row.problem)
    # From right to left, so that the first of several stays.
    pairs = [*zip(fields, row.cells, strict=False)][::-1]
    cells = {field: cell for field, cell in pairs if field and cell}
    channel = _channel(cells, default)
    text, name = _text(cells), " ".join(filter(None, (cells.get("place"), cells.get("name"))))[:100]
    if (at := _time(cells, "time", now)) < now - OLDEST:
        raise BadPayload(
            f"“{LABELS['time']}”早于 {OLDEST.days} 天: 只导入最近 {OLDEST.days} 天的记录, 更早的请另行归档"
        )
    recorded = _time(cells, "recorded", now) if "recorded" in cells else None
    institution = _institution(cells)
    sender = cells.get("contact") or name or institution or "import"
    message_id = cells.get("message_id") or _id(channel, cells, seen)
    for field, value in (
        ("message_id", message_id),
        ("contact", sender),
        ("conversation", cells.get("conversation", "")),
    ):
        if len(value) > 200:
            raise BadPayload(f"“{LABELS[field]}”超过 200 字: 请缩短")
    return message_of(
        message_id=message_id,
        channel=channel,
        conversation_id=cells.get("conversation") or cells.get("contact") or message_id,
        sender=Sender(id=sender, name=name, institution_code=institution),
        subject=cells.get("subject", "")[:500],
        text=text,
        group="conversation" in cells and "群" in cells["conversation"],
        occurred_at=at,
        recorded_at=recorded,
    )


def _channel(cells: dict[str, str], default: Channel | None) -> Channel:
    if not (value := cells.get("channel")):
        if default is None:
            raise BadPayload("缺少渠道: 请填写 微信, QQ, 电话, 网页, 邮件 或 现场")
        return default
    if (channel := channel_of(value)) is None:
        raise BadPayload("渠道不认识: 请填写 微信, QQ, 电话, 网页, 邮件 或 现场")
    return channel


def _text(cells: dict[str, str]) -> str:
    text = cells.get("text", "")
    if not normalise(text):
        raise BadPayload("缺少内容: 请填写问题")
    if len(text) > MAX_TEXT:
        raise BadPayload(f"内容超过 {MAX_TEXT} 字: 请缩短或拆成几行")
    return text


def _time(cells: dict[str, str], field: str, now: datetime) -> datetime:
    if not (value := cells.get(field)):
        raise BadPayload("缺少时间: 请填写, 例如 2026-11-22 09:30")
    if (at := time_of(value)) is None:
        raise BadPayload(f"“{LABELS[field]}”不是有效的时间: 请写成 2026-11-22 09:30")
    if at > now + AHEAD:
        raise BadPayload(f"“{LABELS[field]}”在将来: 请核对年月日")
    return at


def _institution(cells: dict[str, str]) -> str | None:
    code = "".join(normalise(cells.get("institution", "")).split()).upper()
    if code and not (len(code) == 12 and code[0] in "HP" and code[1:].isascii() and code[1:].isdigit()):
        raise BadPayload("机构编号应为 H 或 P 加 11 位数字: 请核对, 不清楚可留空")
    return code or None


def _id(channel: Channel, cells: dict[str, str], seen: Counter[str]) -> str:
    said = "\x1f".join((channel, *(f"{field}={cells[field]}" for field in sorted(cells) if field != "channel")))
    digest = sha256(said.encode()).hexdigest()[:40]
    seen[digest] += 1
    return f"import-{digest}-{seen[digest]}"


def rejects_csv(header: Sequence[str], rejected: Sequence[Rejected]) -> str:
    """The rejected rows with their reasons, to be mended and imported: the reasons are ignored then."""
    kept = [n for n, name in enumerate(header) if name not in OURS]
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([REASON, NUMBER, *(escaped(header[n]) for n in kept)])
    for row, reason in rejected:
        cells = (row.cells[n] if n < len(row.cells) else "" for n in kept)
        writer.writerow([reason, row.number, *map(escaped, cells)])
    return "\ufeff" + target.getvalue()
