"""The packet of evidence as its page shows it. Pure."""

from typing import Any, Final

from services.console.pages.cases.words import PRIORITIES
from services.console.web.words import time

Json = dict[str, Any]
_KINDS: Final = {
    "image": "图片", "audio": "录音", "video": "视频", "application/pdf": "PDF", "application/zip": "压缩包",
    "application/xml": "XML 报文", "text/xml": "XML 报文", "application/json": "JSON 报文", "text/html": "网页",
    "text/csv": "表格 (CSV)", "application/msword": "Word 文档", "application/vnd.ms-excel": "Excel 表格",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word 文档",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel 表格", "message/rfc822": "邮件",
    "text": "文本",
}  # fmt: skip
_KB: Final = 1024


def shown(packet: Json) -> Json:
    """`facts` are pairs of label and value, `tables` a title and rows."""
    times = packet["times"]
    facts = [
        ("工单号", packet["number"]), ("外部工单号", packet["external_number"]), ("类型", packet["kind"]),
        ("所处步骤", packet["step"]), ("类别", packet["category"]), ("优先级", PRIORITIES[packet["priority"]]),
        ("标题", packet["title"]), ("机构", packet["institution_code"]), ("交易编号", packet["infno"]),
        ("错误码", packet["error_code"]), ("错误", packet["error"]), ("平台流水", "、".join(packet["msgids"])),
        ("结算号", "、".join(packet["setl_ids"])), ("就诊号", "、".join(packet["mdtrt_ids"])),
        ("发生时间", times["happened_at"]), ("受理时间", _at(times["opened_at"])),
        ("答复时间", _at(times["responded_at"])), ("下次催办", _at(packet["next_chase_at"])),
        *packet["fields"].items(),
    ]  # fmt: skip
    tables = [
        ("对话摘录", [(_at(one["at"]), one["who"], one["text"]) for one in packet["conversation"]]),
        ("已做的处理", [(_at(one["at"]), one["what"], one["text"]) for one in packet["steps_tried"]]),
        ("催办", [(_at(one["at"]), f"第 {one['times']} 次", one["note"]) for one in packet["chases"]]),
        ("附件", [(one["name"], media(one["media_type"]), size(one["size"])) for one in packet["attachments"]]),
    ]
    return {"facts": [pair for pair in facts if pair[1]], "tables": [table for table in tables if table[1]]}


def _at(when: str | None) -> str:
    return time(when) if when else ""


def size(of: int | None) -> str:
    """512 字节, 3.5 KB, 12.0 MB."""
    if of is None:
        return ""
    if of < _KB:
        return f"{of} 字节"
    return f"{of / _KB:.1f} KB" if of < _KB**2 else f"{of / _KB**2:.1f} MB"


def media(type_: str) -> str:
    """What kind of file it is, in a word; of what has none the type itself."""
    known = type_.partition(";")[0].strip().lower()
    return _KINDS.get(known) or _KINDS.get(known.partition("/")[0]) or ("" if "octet" in known else type_)
