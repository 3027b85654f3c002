"""The administration's tables: what services measure, settings as YAML and back, who may do what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.pages.admin import view, written

METRICS = """# HELP yibao_backlog_messages Messages not yet acknowledged
# TYPE yibao_backlog_messages gauge
yibao_backlog_messages{durable="intake_CHANNEL"} 0.0
yibao_backlog_messages{durable="notify_CASE"} 12.0
yibao_backlog_oldest_seconds{durable="notify_CASE"} 3.5
yibao_deliveries_total{outcome="sent",provider="sms"} 3.0
yibao_deliveries_total{outcome="failed",provider="sms"} 1.0
yibao_provider_open{provider="sms"} 1.0
yibao_channel_replies_total{channel="wechat",outcome="sent"} 1e+03
yibao_mailbox_connected 1.0
"""
WHEN = {"contracts": [], "institutions": [], "kinds": [], "categories": [], "priorities": ["urgent"], "channels": [],
        "hours": "open"}  # fmt: skip
POLICY: dict[str, Any] = {
    "name": "紧急", "when": WHEN, "calendar": "24x7", "none": "", "next_response": None, "chase": None,
    "first_response": {"within": "15m", "calendar": "", "thresholds": {"70%": ["assignee"], "100%": []}},
    "resolution": None,
}  # fmt: skip
WORDS = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], include_characters="\n"), max_size=20)
SCALARS = st.one_of(WORDS, st.integers(-1000, 1000), st.booleans())


def test_measures_are_read_with_their_labels() -> None:
    assert view.samples(METRICS, "yibao_mailbox_connected") == [({}, 1.0)]
    assert view.total(METRICS, "yibao_deliveries_total") == 4
    assert view.backlog(METRICS) == [{"durable": "notify_CASE", "waiting": 12, "oldest_s": 3.5}]
    assert view.channels(METRICS) == [{"channel": "wechat", "outcomes": {"sent": 1000}}]
    [sms] = view.providers(METRICS, [{"provider": "sms", "state": "sent"}])
    assert sms["open"] and sms["outcomes"] == {"sent": 3, "failed": 1}
    assert view.backlog("") == view.channels("") == view.providers("", []) == []


def test_a_rule_is_written_short_and_read_back() -> None:
    rule = {"name": "new_case", "on": "case.opened", "to": ["desk"], "title": "新 {{ x }}", "body": "", "steps": [],
            "external": True, "enabled": False, "version": 3, "saved_by": "li"}  # fmt: skip
    text = written.as_yaml(rule)
    assert written.from_yaml(text) == {
        "name": "new_case", "on": "case.opened", "to": ["desk"], "title": "新 {{ x }}", "enabled": False
    }  # fmt: skip
    assert "on: case.opened" in text


@given(st.dictionaries(WORDS.filter(lambda n: n not in ("external", "enabled")), SCALARS, max_size=5))
def test_whatever_is_written_is_read_back(body: dict[str, Any]) -> None:
    kept = {n: v for n, v in body.items() if v and n not in ("version", "saved_at", "saved_by")}
    assert written.from_yaml(written.as_yaml({"inner": [body]})) == {"inner": [body]}
    assert (written.from_yaml(written.as_yaml(body)) or {}) == kept


def test_what_is_no_yaml_is_told_with_its_place() -> None:
    with pytest.raises(ValueError, match="第 2 行"):
        written.from_yaml("a: 1\nb: [")


@pytest.mark.parametrize(
    ("text", "told"),
    [("a: &x [1]\nb: *x", "引用"), ("a: !!int x", "标签"), ("a: 2026-13-45", "第 1 行第 4 列"), ("a: .inf", "数值"),
     ("[" * 100_000, "嵌套"), ("a" * 100_001, "过长"), (f"a: {'9' * 5_000}", "第 1 行"), ("? [a]\n: b", "写法")],
)  # fmt: skip
def test_what_stops_the_console_or_is_no_value_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        written.from_yaml(text)


def test_a_few_lines_cannot_stand_for_millions_of_values() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(ValueError, match="引用"):
        written.from_yaml("\n".join(lines))


def test_names_of_days_become_text() -> None:
    assert written.from_yaml("2026-10-01: 国庆") == {"2026-10-01": "国庆"}


def test_days_become_text() -> None:
    assert written.from_yaml("known_until: 2026-12-31") == {"known_until": "2026-12-31"}


def test_policies_are_told_in_words_without_the_canary() -> None:
    [told] = view.policies([POLICY, {**POLICY, "name": "canary"}])
    assert told["when"] == ["营业时间内", "优先级 紧急"]
    [told] = view.policies(
        [{**POLICY, "when": {**WHEN, "kinds": ["fault"], "channels": ["wechat"], "priorities": ["high"]}}]
    )
    assert told["when"] == ["营业时间内", "类型 故障", "优先级 高", "渠道 微信"]
    [told] = view.policies([POLICY])
    assert told["clocks"] == [
        {"name": "首次响应", "within": "15分钟", "calendar": "24x7", "steps": {"70%": ["处理人"], "100%": []}}
    ]


def test_policies_are_written_as_somebody_would_write_them() -> None:
    [told] = written.of_policies([POLICY, {**POLICY, "name": "canary"}])
    assert told == {
        "name": "紧急", "when": {"priorities": ["urgent"], "hours": "open"}, "calendar": "24x7",
        "first_response": {"within": "15m", "thresholds": {"70%": ["assignee"], "100%": []}},
    }  # fmt: skip


def test_permissions_leave_out_what_anybody_may() -> None:
    row = {"path": "/cases/{id:str}", "methods": ["GET"], "summary": "一件", "tags": [], "roles": ["lead"]}
    rows = view.permissions({"intake": [row, {**row, "roles": []}]})
    assert [(one["service"], one["path"]) for one in rows] == [("受理", "/cases/{id}")]
    assert {one["path"] for one in view.menu()} >= {"/admin", "/inbox"}


def test_an_account_names_its_institutions_with_blanks_between() -> None:
    assert view.rights_of("hospital", "H1、H2 H1", "").institutions == ("H1", "H2")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert [view.is_over(at, now) for at in (None, now, now + timedelta(1))] == [False, True, False]


def test_a_key_is_good_until_the_end_of_its_last_day() -> None:
    assert view.end_of("") is None
    assert view.end_of("2026-11-30") == datetime(2026, 11, 30, 16, tzinfo=UTC)
    for wrong in ("soon", "2026-02-30"):
        with pytest.raises(ValueError):
            view.end_of(wrong)
