"""The evidence packet: all that the province needs, and nothing personal."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.case import AssignCase, RespondToCase
from contracts.casework import ChaseCase, NoteCase
from contracts.envelope import Event
from services.intake.model import Line
from services.intake.record.evidence import FIRST, LAST, LONGEST, mask_msgids, packet
from services.intake.record.evidence_zip import text, zipped
from tests.unit.intake.workflows import HOSPITAL, Work

MSGID = f"{HOSPITAL}202611221130450042"
THEIRS = "620100202611221130450000000042"


def history(work: Work) -> list[dict[str, Any]]:
    return [msgspec.json.decode(words.model_dump_json()) for words in work.said if isinstance(words, Event)]


def said(work: Work, n: int, text_: str) -> Line:
    return Line(work.now + timedelta(minutes=n), (f"m{n}",), f"f{n}", text_, staff=bool(n % 2))


def chased(lines: int = 1) -> Work:
    work = Work("escalation")
    words = f"2207 报错 交易超时 msgid {MSGID} inf_refmsgid {THEIRS}, 患者张三 身份证620102199003071234"
    work.case = replace(work.case, lines=tuple(said(work, n, words) for n in range(lines)))
    work.do(AssignCase, assignee="wang")
    work.do(NoteCase, text="内部: 省平台值班不接电话")
    work.do(RespondToCase, text="已联系省平台")
    work.step("submit", problem=f"超时 {MSGID}", external_number="P-9", impact="全市")
    work.do(ChaseCase, note=f"已报 {MSGID}")
    return work


def test_the_packet_has_what_the_province_asks_for_first() -> None:
    work = chased()
    found = packet(work.case, history(work))
    assert (found["number"], found["external_number"], found["step"]) == (work.case.number, "P-9", "省平台处理中")
    assert found["institution_code"] == HOSPITAL
    assert found["msgids"] == [f"{HOSPITAL}20261122113045****", "62010020261122113045**********"]
    assert found["fields"] == {
        "问题描述": f"超时 {HOSPITAL}20261122113045****", "外部工单号": "P-9", "影响范围": "全市"
    }  # fmt: skip
    assert found["times"]["opened_at"] == "2026-11-22 12:00:00+08:00", "Beijing time"
    assert len(found["times"]["escalated_at"]) == 1
    assert [c["times"] for c in found["chases"]] == [1]
    assert [t["what"] for t in found["steps_tried"]] == ["答复来询人", "上报", "流程推进"]


def test_nothing_personal_and_nothing_internal_leaves_with_it() -> None:
    work = chased()
    found = packet(work.case, history(work))
    for written in (json.dumps(found, ensure_ascii=False), text(found)):
        assert "620102199003071234" not in written
        assert "张三" not in written
        assert MSGID not in written
        assert THEIRS not in written
        assert "不接电话" not in written
        assert HOSPITAL in written


def test_of_a_long_conversation_the_beginning_and_the_end_are_shown() -> None:
    work = chased(lines=FIRST + LAST + 30)
    work.case = replace(work.case, lines=(*work.case.lines[:-1], said(work, 99, "长" * (LONGEST + 7))))
    conversation = packet(work.case, history(work))["conversation"]
    assert len(conversation) == FIRST + LAST + 1
    assert conversation[FIRST]["text"] == "[中间省略 30 条]"
    assert conversation[-1]["text"].endswith("[以下省略 7 字]")
    assert {line["who"] for line in conversation} == {"来询方", "服务台", ""}


def test_the_zip_holds_the_packet_for_programs_and_for_people_and_is_always_the_same() -> None:
    work = chased()
    found = packet(work.case, history(work))
    assert zipped(found) == zipped(found)
    with zipfile.ZipFile(io.BytesIO(zipped(found))) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("evidence.json")) == found
        words = archive.read("证据说明.txt").decode()
    assert f"发送方报文ID: {HOSPITAL}20261122113045****" in words
    assert "【催办记录】" in words
    assert "第 1 次: 已报" in words


def test_a_case_of_which_nothing_is_known_yet_has_a_packet_too() -> None:
    work = Work()
    found = packet(work.case, history(work))
    assert (found["msgids"], found["chases"], found["steps_tried"]) == ([], [], [])
    assert "【对话摘录】" in text(found)


@given(st.text(max_size=20), st.from_regex(r"[HP][0-9]{11}20[0-9]{16}", fullmatch=True), st.text(max_size=20))
def test_the_serial_of_a_message_id_is_hidden_and_hidden_once(before: str, msgid: str, after: str) -> None:
    hidden = mask_msgids(f"{before} {msgid} {after}")
    assert f"{msgid[:26]}****" in hidden
    assert msgid not in hidden
    assert mask_msgids(hidden) == hidden
