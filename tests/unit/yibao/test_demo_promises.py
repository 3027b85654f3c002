"""A promise that is not kept fails by name, and one that is about nothing is no promise."""

from typing import Any

from yibao.demo.day import Do, Say
from yibao.demo.looked import Day
from yibao.demo.promises import PROMISES, promised

Json = dict[str, Any]
SAID = Say(say="a", channel="qq", talk="t", sender="s", name="n", text="#新问题 x", expect="case", planted=("123",))
READ = Do(do="reveal", case="a", by="li.na", body={"reason": "核对身份"})


def case(**changes: Any) -> Json:
    opened = {"type": "case.opened", "assignee": "li.na", "assigned_because": "负荷最轻"}
    read = {"type": "case.revealed", "reason": "核对身份"}
    return {"id": "c", "number": "YB-1", "why": "marker", "timeline": [opened, read]} | changes


def broken(found: Json, read: str = "证件 1 2 3", audit: bool = True) -> dict[str, str]:
    day = Day((SAID, READ), {"a": found}, {"a": found}, {"YB-1": {"ok": audit}}, {}, {"a": read}, {"a": "m"})
    return {check["name"]: check["detail"] for check in promised(day) if not check["ok"]}


def kept(found: Json, read: str = "证件 1 2 3", audit: bool = True) -> set[str]:
    return set(PROMISES) - set(broken(found, read, audit))


def test_what_holds_is_kept_and_what_the_day_has_nothing_of_is_not() -> None:
    assert kept(case()) == {
        "新工单都派给当班的人, 写明理由", "#新问题 另开工单", "查看原文与来信一致, 理由留痕", "每件工单的记录首尾相扣",
    }  # fmt: skip


def test_a_case_that_nobody_got_or_that_says_no_reason_is_named() -> None:
    opened = {"type": "case.opened", "assignee": "li.na", "assigned_because": ""}
    assert broken(case(timeline=[opened]))["新工单都派给当班的人, 写明理由"] == "YB-1"


def test_an_original_other_than_what_was_said_or_read_without_a_trace_is_noticed() -> None:
    assert "查看原文与来信一致, 理由留痕" not in kept(case(), read="证件 ***")
    assert "查看原文与来信一致, 理由留痕" not in kept(case(timeline=case()["timeline"][:1]))


def test_a_record_that_was_changed_is_noticed() -> None:
    assert broken(case(), audit=False)["每件工单的记录首尾相扣"] == "YB-1"


def test_a_case_that_cannot_be_found_breaks_its_promises_only() -> None:
    found = broken(case())
    assert found["粘贴的报文读出交易、报错、机构、时间"].startswith("查不到")


def test_a_term_of_the_contract_that_sla_does_not_show_is_noticed() -> None:
    day = Day((SAID, READ), {}, {}, {}, {}, {}, {}, {"clause": True, "exemption": False})
    held = {check["name"]: check["ok"] for check in promised(day)}
    assert [held[name] for name in ("合同条款进入验收依据", "免责由另一人批准", "义务的凭证可以查到")] == [
        True,
        False,
        False,
    ]
