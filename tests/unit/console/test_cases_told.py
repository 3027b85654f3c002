"""One case as its page shows it: conversation, timeline with causes, clocks; and what its forms become."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import EVENTS
from services.console.pages.cases import told, words
from services.console.pages.cases.acts import ACTS, ADDING, body_of, bulk_of, is_news, seen_of

Json = dict[str, Any]
WANG: Json = {"kind": "staff", "id": "wang", "name": "王芳"}
THEM: Json = {"kind": "requester", "id": "u1", "name": "吴强"}


def event(type_: str, n: int, cause: str = "", actor: Json = WANG, **more: Any) -> Json:
    at = f"2026-11-22T09:{n:02}:00Z"
    return {"id": f"e{n}", "type": type_, "cause_id": cause or f"c{n}", "occurred_at": at, "recorded_at": at,
            "actor": actor, **more}  # fmt: skip


def line(n: int, text: str = "报错 2207", **more: Any) -> Json:
    return {"at": f"2026-11-22T09:{n:02}:00Z", "message_ids": [f"m{n}"], "text": text, "why_text": "并入", "sender": "",
            "staff": False, "sealed": False, **more}  # fmt: skip


def case(lines: list[Json], *events: Json) -> Json:
    return {"lines": lines, "timeline": list(events), "channel": "wechat", "requester_name": "吴强",
            "requester_id": "oYb***", "why_text": "新建工单"}  # fmt: skip


def test_questions_answers_and_notes_stand_in_the_order_in_which_they_were_said() -> None:
    found = told.conversation(case(
        [line(1), line(5, "好了")],
        event("case.opened", 1, actor=THEM, message_id="m1"),
        event("case.noted", 3, text="像是目录问题"),
        event("case.responded", 4, text="请重试", via="phone"),
        event("case.resolved", 6, resolution="目录已更新"),
    ))  # fmt: skip
    assert [(one["side"], one["text"]) for one in found] == [
        ("them", "报错 2207"), ("note", "像是目录问题"), ("us", "请重试"), ("them", "好了"), ("us", "目录已更新"),
    ]  # fmt: skip
    assert [one["label"] for one in found] == ["微信", "内部备注", "电话答复", "微信", "解决方案"]
    assert found[0]["why"] == "新建工单" and found[3]["why"] == "并入"


def test_what_a_colleague_says_in_the_group_stands_there_once() -> None:
    group = case(
        [line(1), line(2, "请发报文", staff=True, sender="王芳")],
        event("case.responded", 2, text="请发报文", via="group"),
    )
    assert [(one["side"], one["name"]) for one in told.conversation(group)] == [("them", "吴强"), ("us", "王芳")]


def test_an_answer_says_what_the_channel_said_about_it_last() -> None:
    found = told.conversation(case(
        [line(1)],
        event("case.responded", 2, "answer", text="请重试", via="channel"),
        event("channel.out.wechat", 3, "answer"),
        event("case.reply_reported", 4, reply_id="e3", outcome="sent", reason=""),
        event("case.reply_reported", 5, reply_id="e3", outcome="refused", reason="窗口已关闭"),
    ))  # fmt: skip
    assert found[-1]["outcome"] == "渠道不接受: 窗口已关闭"


def test_attachments_stand_by_the_message_that_they_came_with_and_originals_can_be_asked_for() -> None:
    file = {"name": "报文.txt", "url": "/attachments/abc", "media_type": "text/plain"}
    found = told.conversation(case(
        [line(1), line(2, sealed=True)],
        event("case.opened", 1, message_id="m1"), event("case.message_added", 2, message_id="m2", attachments=[file]),
    ))  # fmt: skip
    assert [[f["key"] for f in one["files"]] for one in found] == [[], ["abc"]]
    assert [one["message"] for one in found] == ["", "m2"]


def test_the_timeline_has_the_latest_first_with_causes_and_the_clocks_words() -> None:
    clocks = [{"clock": {"clock": "first_response"}, "said": [{"type": "sla.breached", "at": "2026-11-22T09:30:00Z"}]}]
    events = [
        event("case.opened", 1, "m1", actor=THEM, category="拨付"),
        event("case.assigned", 2, "m1", assignee="wang"),
        event("case.chased", 3, "e2", note="电话催办"),
        event("case.message_repeated", 4),
    ]
    found = told.timeline(events, clocks, {"wang": "王芳"})
    assert [one["what"] for one in found] == ["首次响应时限: 超时", "催办", "分派", "建立工单"]
    assert [one["because"] for one in found] == ["", "因「分派」", "随「建立工单」", ""]
    assert found[-1]["who"] == "来询人 吴强" and found[1]["text"] == "电话催办"
    assert found[2]["text"] == "王芳"


def test_staff_stand_on_the_timeline_by_their_names_where_these_are_known() -> None:
    staff = {"wang": "王芳"}
    assert words.details({"engineer": "wang", "phase": "arrived", "place": "一楼"}, staff) == "王芳; 已到达; 一楼"
    assert words.details({"assignee": "li.gone", "reason": "轮班"}, staff) == "li.gone; 轮班"
    assert words.actor({"kind": "staff", "id": "wang"}, staff) == "经办 王芳"
    assert words.actor({"kind": "requester", "id": "wang"}, staff) == "来询人 wang"


@pytest.mark.parametrize(("status", "owes", "read"), [
    ("waiting", "requester", "等您补充"), ("in_progress", "requester", "等您补充"), ("waiting", "desk", "处理中"),
    ("resolved", "requester", "请您确认"), ("closed", "requester", "已办结"), ("new", "desk", "已受理"),
])  # fmt: skip
def test_a_hospital_reads_when_it_is_its_turn(status: str, owes: str, read: str) -> None:
    text, colour = words.plain({"status": status, "owes": owes})
    assert text == read and (colour == "orange") == (read in ("等您补充", "请您确认"))


def test_every_event_about_a_case_has_a_name() -> None:
    types = {name for name in EVENTS if name.startswith("case.")}
    assert types and types <= words.EVENTS.keys()


def test_clocks_that_run_come_before_those_that_ended() -> None:
    clocks: list[Json] = [
        {"clock": {"state": "met", "due_at": "1", "ended_at": "2"}},
        {"clock": {"state": "running", "due_at": "9", "ended_at": None}},
        {"clock": {"state": "met", "due_at": "1", "ended_at": "3"}},
        {"clock": {"state": "paused", "due_at": "8", "ended_at": None}},
    ]
    assert [one["clock"]["due_at"] + one["clock"]["state"] for one in told.clocks(clocks)] == [
        "8paused", "9running", "1met", "1met",
    ]  # fmt: skip
    assert [one["clock"]["ended_at"] for one in told.clocks(clocks)][2:] == ["3", "2"]


@given(st.sampled_from(sorted(ACTS)), st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=8))
def test_a_form_sends_only_what_its_act_takes(name: str, form: dict[str, str]) -> None:
    body = body_of(ACTS[name], form)
    assert body.keys() <= {*ACTS[name].takes, "fields"}
    assert all(body.values()) or name == "step"


def test_the_fields_of_a_step_are_handed_on_by_their_own_names() -> None:
    form = {"transition": "escalate", "field.problem": " 报错 ", "field.infno": "", "other": "x"}
    assert body_of(ACTS["step"], form) == {"transition": "escalate", "fields": {"problem": "报错"}}


def test_of_the_fields_of_a_bulk_action_the_one_that_belongs_to_it_counts() -> None:
    form = {"assignee": "wang", "category": "拨付", "priority": "high", "text": "已通知"}
    for act, body in (
        ("assign", {"assignee": "wang"}),
        ("priority", {"priority": "high"}),
        ("close", {"reason": "已通知"}),
    ):
        found = bulk_of(act, form)
        assert found is not None and found[1] == body
    assert bulk_of("merge", form) is None


def test_only_what_could_overrule_somebody_is_compared_with_what_was_seen() -> None:
    assert {act.route for act in ACTS.values()} >= ADDING
    for name, act in ACTS.items():
        assert seen_of(act, {"seen": "7"}) == (None if name in ADDING else 7)
    assert [seen_of(ACTS["close"], form) for form in ({}, {"seen": "x"}, {"seen": "9" * 5_000})] == [None, None, None]


@pytest.mark.parametrize(("type_", "news"), [
    ("case.responded", True), ("case.message_added", True), ("case.noted", True), ("case.closed", True),
    ("case.reply_reported", False), ("case.revealed", False), ("case.chase_due", False), ("channel.out.qq", False),
])  # fmt: skip
def test_what_happens_by_itself_is_no_reason_to_refuse(type_: str, news: bool) -> None:
    assert is_news([{"version": 4, "type": type_}], 3) is news
    assert not is_news([{"version": 4, "type": type_}], 4)
