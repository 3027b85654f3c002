"""The evidence packet as files: `evidence.json` for programs, a Chinese text for the person who takes the call."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]

_FACTS: Final = (
    ("number", "工单号"), ("external_number", "外部工单号"), ("kind", "工单类型"), ("step", "当前步骤"),
    ("category", "问题分类"), ("institution_code", "定点医药机构编号"), ("infno", "交易编号"),
    ("error_code", "错误代码"), ("error", "错误信息"), ("msgids", "发送方报文ID"), ("setl_ids", "结算ID"),
    ("mdtrt_ids", "就诊ID"),
)  # fmt: skip
_TIMES: Final = (
    ("happened_at", "发生时间"), ("opened_at", "受理时间"), ("responded_at", "首次答复"),
    ("escalated_at", "上报时间"), ("ended_at", "解决时间"),
)  # fmt: skip
_SAME_DATE = (1980, 1, 1, 0, 0, 0)  # of the same packet the same bytes


def zipped(packet: Json) -> bytes:
    """The packet as a ZIP; the same packet gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        _add(archive, "evidence.json", json.dumps(packet, ensure_ascii=False, indent=2) + "\n")
        _add(archive, "证据说明.txt", text(packet))
    return out.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: str) -> None:
    entry = zipfile.ZipInfo(name, _SAME_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content.encode())


def text(packet: Json) -> str:
    """The packet to be read; with line ends that Windows' editor knows."""
    return "\r\n".join(_lines(packet)) + "\r\n"


def _lines(packet: Json) -> Iterator[str]:
    yield f"{packet['title']}"
    yield ""
    yield from _facts(packet, _FACTS)
    yield from _facts(packet["times"], _TIMES)
    yield from (f"{label}: {value}" for label, value in packet["fields"].items())
    yield from _part("附件 (原件在服务台, 需要时索取)", [a["name"] for a in packet["attachments"]])
    yield from _part("对话摘录", [_spoken(line) for line in packet["conversation"]])
    yield from _part("已做的处理", [f"{t['at']} {t['what']}: {t['text']}" for t in packet["steps_tried"]])
    yield from _part("催办记录", [f"{c['at']} 第 {c['times']} 次: {c['note']}" for c in packet["chases"]])
    yield from ["", "个人信息已脱敏；报文ID的流水部分已隐去，机构编号和时间保留。"]


def _facts(values: Json, names: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for key, label in names:
        if value := values[key]:
            yield f"{label}: {'、'.join(value) if isinstance(value, list) else value}"


def _part(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from ["", f"【{title}】", *lines]


def _spoken(line: Json) -> str:
    return f"{line['at']} {line['who']}: {line['text']}" if line["at"] else line["text"]
