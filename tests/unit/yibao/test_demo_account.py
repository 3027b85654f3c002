"""The account adds up, and says so when it does not."""

from typing import Any

from yibao.demo.account import checks, counted
from yibao.demo.line import Fate, Line, fates
from yibao.demo.personal import survivors

CASE: dict[str, Any] = {"id": "c1", "outcome": "case"}
MORE: dict[str, Any] = {"id": "c1", "outcome": "addition"}


def line(n: int, message_id: str, expect: Fate | None = None) -> Line:
    return Line(n, "web", message_id, b"{}", expect)


def test_every_line_meets_one_fate_and_the_sum_is_the_number_of_lines() -> None:
    lines = [line(1, "a"), line(2, "b"), line(3, "a"), line(4, "a"), line(5, ""), line(6, "z")]
    told = fates(lines, {("web", "a"): CASE, ("web", "b"): MORE}, {4: "内容不同", 5: "不是合法的 JSON"})
    assert [f.fate for f in told] == ["case", "addition", "resent", "dead", "dead", "unaccounted"]
    counts = counted(told)
    assert counts.pop("published") == len(lines) == sum(counts.values())
    assert counts["unaccounted"] == 1


def test_a_dead_line_does_not_take_the_place_of_a_later_valid_one() -> None:
    told = fates([line(1, "a"), line(2, "a")], {("web", "a"): CASE}, {1: "时间缺少时区"})
    assert [f.fate for f in told] == ["dead", "case"]


def test_the_same_id_in_another_channel_is_another_message() -> None:
    told = fates([line(1, "a"), Line(2, "qq", "a", b"{}")], {("web", "a"): CASE, ("qq", "a"): CASE}, {})
    assert [f.fate for f in told] == ["case", "case"]


def result(**changes: Any) -> dict[str, Any]:
    return {
        "messages": {"published": 1, "unaccounted": 0},
        "articles": 0,
        "personal": {"planted": 1, "survived": []},
        "run": {"rows_in": 3, "rows_accepted": 2, "rows_rejected": 1, "file_matches": True},
        "troubles": [],
    } | changes


def failed(**changes: Any) -> list[str]:
    told = fates([line(1, "a", "case")], {("web", "a"): CASE}, {})
    drill = [{"warned": True, "breached": True}]
    return [c["name"] for c in checks(result(**changes), told, [{"timeline": []}], drill) if not c["ok"]]


def test_all_checks_pass_on_a_day_without_trouble() -> None:
    assert failed() == []


def test_a_lost_message_fails_the_account() -> None:
    assert failed(messages={"published": 1, "unaccounted": 1}) == ["每条消息都有下落"]


def test_personal_data_in_store_fails_the_account() -> None:
    assert failed(personal={"planted": 1, "survived": ["620…28"]}) == ["证件号与电话没有原样入库"]


def test_a_report_whose_rows_do_not_add_up_fails_the_account() -> None:
    run = {"rows_in": 4, "rows_accepted": 2, "rows_rejected": 1, "file_matches": True}
    assert failed(run=run) == failed(run=None) == ["报表输入 = 计入 + 退回, 文件与登记一致"]


def test_a_fate_other_than_the_script_s_is_named() -> None:
    told = fates([line(1, "a", "duplicate")], {("web", "a"): CASE}, {})
    found = {c["name"]: c for c in checks(result(), told, [{"timeline": []}], [])}
    assert found["去向与剧本一致"] == {"name": "去向与剧本一致", "ok": False, "detail": "a: case"}
    assert not found["演练工单先预警后超时"]["ok"]


def test_a_number_is_found_whole_apart_and_in_its_greater_part() -> None:
    number = "620199196704123528"
    assert survivors([number], [{"text": f"身份证{number}"}])
    assert survivors([number], [{"text": "620199 19670412-3528"}])
    assert survivors([number], [{"text": "620***19670412 3528"}])


def test_a_masked_number_is_not_found() -> None:
    text = "身份证 620*************28, 电话 199****0001, 编号 0f0e6201-9919-6704-1235-280000000000"
    assert survivors(["620199196704123528", "19900000001"], [{"text": text}]) == []
