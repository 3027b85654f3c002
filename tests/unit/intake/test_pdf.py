"""What the printed conversation of a case says, and how much of it."""

from services.intake.record.pdf import _capped, _conversation


def test_what_a_colleague_wrote_in_the_group_is_printed_once() -> None:
    at, actor = "2026-11-22T09:00:00+08:00", {"kind": "staff", "id": "wang"}
    said = {"type": "case.responded", "occurred_at": at, "actor": actor}
    lines = [{"at": at, "text": "请重新签到", "staff": True, "sender": "wang"}]
    answers = [{**said, "text": "请重新签到", "via": "group"}, {**said, "text": "已恢复", "via": "desk"}]
    printed = _conversation({"case": {"lines": lines}, "timeline": answers})
    assert [line["text"] for line in printed] == ["请重新签到", "已恢复"]


def test_a_long_text_is_cut_and_says_where_all_of_it_is() -> None:
    assert _capped("短") == "短"
    assert len(_capped("长" * 20_000)) < 1_600 and "JSON 档案" in _capped("长" * 20_000)
