"""The packet of evidence as its page shows it: times, sizes and kinds of files as people write them."""

from typing import Any

import pytest

from services.console.pages.cases import packed

PACKET: dict[str, Any] = {
    "number": "YB-1", "external_number": None, "kind": "故障", "step": "上报", "category": "拨付", "priority": "high",
    "title": "差额", "institution_code": None, "infno": "2207", "error_code": None, "error": None,
    "msgids": ["m1", "m2"], "setl_ids": [], "mdtrt_ids": [], "fields": {"影响": "三家"},
    "next_chase_at": "2000-11-23 09:00:00+08:00",
    "times": {"happened_at": "2000-11-22 09:30:16", "opened_at": "2000-11-22 09:31:00+08:00", "responded_at": None},
    "conversation": [
        {"at": "2000-11-22 09:31:00+08:00", "who": "来询方", "text": "报错"},
        {"at": "", "who": "", "text": "[中间省略 2 条]"},
    ],
    "steps_tried": [], "chases": [{"at": "2000-11-22 10:00:00+08:00", "times": 2, "note": "电话"}],
    "attachments": [{"name": "报文.xml", "media_type": "text/xml; charset=utf-8", "size": 2048}],
}  # fmt: skip


def test_the_packet_has_no_times_sizes_and_types_as_machines_write_them() -> None:
    found = packed.shown(PACKET)
    facts = dict(found["facts"])
    assert facts["受理时间"] == "2000年11月22日 09:31" and facts["下次催办"] == "2000年11月23日 09:00"
    assert facts["平台流水"] == "m1、m2" and facts["影响"] == "三家" and "错误码" not in facts
    assert facts["发生时间"] == "2000-11-22 09:30:16"
    assert dict(found["tables"]) == {
        "对话摘录": [("2000年11月22日 09:31", "来询方", "报错"), ("", "", "[中间省略 2 条]")],
        "催办": [("2000年11月22日 10:00", "第 2 次", "电话")],
        "附件": [("报文.xml", "XML 报文", "2.0 KB")],
    }


@pytest.mark.parametrize(("type_", "word"), [
    ("image/png", "图片"), ("application/pdf", "PDF"), ("text/plain", "文本"), ("application/octet-stream", ""),
    ("application/x-odd", "application/x-odd"), ("", ""),
])  # fmt: skip
def test_kinds_of_files_have_words(type_: str, word: str) -> None:
    assert packed.media(type_) == word


@pytest.mark.parametrize(
    ("of", "told"), [(None, ""), (0, "0 字节"), (1023, "1023 字节"), (1536, "1.5 KB"), (3 << 20, "3.0 MB")]
)
def test_sizes_are_short(of: int | None, told: str) -> None:
    assert packed.size(of) == told
