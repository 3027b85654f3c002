"""Exemptions: two people decide, once; what the stream tells is what was folded."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chassis.errors import NotFound, Refused
from contracts.envelope import Actor, derive_id
from contracts.exemption import (
    ApproveExemption,
    ExemptionCommand,
    ExemptionEvent,
    RejectExemption,
    RequestExemption,
    RevokeExemption,
    Scope,
)
from services.sla.attainment.agreed import Agreed
from services.sla.exemptions.fold import fold
from services.sla.exemptions.model import Exemption
from services.sla.exemptions.told import told
from services.sla.exemptions.wish import Unclear, Wish, WishedScope, Word, scope_of
from services.sla.private import Personal, impersonal
from tests.chassis.folding import Folder, shuffled, well_said
from tests.unit.sla.events import at
from tests.unit.sla.test_attainment_sums import saved

ONE = UUID(int=77)


def exemptions() -> Folder[Exemption]:
    return Folder(fold, lambda _, message: message.body.exemption_id)  # type: ignore[attr-defined]


def _stamp(n: int, who: str) -> dict[str, object]:
    actor = Actor(kind="staff", id=who)
    return {"id": derive_id("wish", n), "occurred_at": at(0), "actor": actor, "exemption_id": ONE}


def asks(
    n: int = 0, who: str = "wang", begins: float = 0, ends: float = 60, text: str = "省平台停机"
) -> RequestExemption:
    facts = {"ground": "platform_maintenance", "text": text, "begins": at(begins), "ends": at(ends)}
    return RequestExemption.model_validate({**_stamp(n, who), **facts, "scope": Scope(clocks=("resolution",))})


def approves(n: int = 1, who: str = "zhao") -> ApproveExemption:
    return ApproveExemption.model_validate({**_stamp(n, who), "reason": "属实"})


def rejects(n: int = 1, who: str = "zhao") -> RejectExemption:
    return RejectExemption.model_validate({**_stamp(n, who), "reason": "时段过长"})


def revokes(n: int = 2, who: str = "zhao") -> RevokeExemption:
    return RevokeExemption.model_validate({**_stamp(n, who), "reason": "时段有误"})


def test_an_exemption_holds_from_its_approval_to_its_revocation() -> None:
    folder = exemptions()
    for minute, command in ((1, asks()), (5, approves()), (9, revokes())):
        folder.hear(command, now=at(minute))
    exemption = folder.states[ONE]
    assert [(d.standing, d.by) for d in exemption.decisions] == [
        ("requested", "wang"), ("approved", "zhao"), ("revoked", "zhao"),
    ]  # fmt: skip
    assert [exemption.holds(at(m)) for m in (0, 1, 4.9, 5, 8.9, 9, 100)] == [False] * 3 + [True] * 2 + [False] * 2


@pytest.mark.parametrize("decides", [approves, rejects])
@pytest.mark.parametrize("who", ["wang.fang", "WANG.FANG", "ｗａｎｇ.ｆａｎｇ", " Wang.Fang "])
def test_who_asks_decides_nothing_in_whatever_spelling(decides: Callable[..., ExemptionCommand], who: str) -> None:
    folder = exemptions()
    folder.hear(asks(who="wang.fang"))
    with pytest.raises(Refused, match="申请人不能审批自己的"):
        folder.hear(decides(who=who))
    assert folder.states[ONE].standing == "requested"


@pytest.mark.parametrize(
    ("first", "then", "why"),
    [
        ([approves()], approves(3), "已批准"),
        ([approves()], rejects(3), "已批准"),
        ([rejects()], approves(3), "已驳回"),
        ([rejects()], revokes(3), "已驳回"),
        ([approves(), revokes()], approves(3), "已撤销"),
        ([], asks(3), "已经提交过"),
    ],
)
def test_what_was_decided_is_decided(first: list[ExemptionCommand], then: ExemptionCommand, why: str) -> None:
    folder = exemptions()
    folder.hear(asks(), *first)
    with pytest.raises(Refused, match=why):
        folder.hear(then)


def test_nothing_is_decided_about_what_nobody_asked_for() -> None:
    with pytest.raises(NotFound):
        exemptions().hear(approves())


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (asks(begins=60, ends=60), "不晚于"),
        (asks(begins=0, ends=60 * 24 * 100), "长于 92 天"),
        (asks(text="联系人 13912345678 告知停机"), "手机号"),
        (asks(text="身份证 62010219800101001X 无法结算"), "身份证号"),
        (asks().model_copy(update={"begins": datetime.min.replace(tzinfo=UTC)}), "2000 至 2100"),
        (
            asks().model_copy(update={"ends": datetime.max.replace(tzinfo=timezone(timedelta(hours=-8)))}),
            "2000 至 2100",
        ),
    ],
)
def test_what_cannot_be_asked_for_is_refused(wish: RequestExemption, why: str) -> None:
    with pytest.raises(Refused, match=why):
        exemptions().hear(wish)


def test_a_platform_message_id_may_be_named() -> None:
    folder = exemptions()
    folder.hear(asks(text="报文 H6201020012320261119120000123456 起全部超时"))
    assert folder.states[ONE].standing == "requested"


@given(st.data())
def test_commands_that_come_again_in_any_order_change_nothing_and_the_stream_tells_the_same(
    data: st.DataObject,
) -> None:
    folder, commands = exemptions(), [asks(), approves(), rejects(2), revokes(3)]
    for command in data.draw(shuffled(commands)):
        minute: datetime = at(0) + timedelta(minutes=data.draw(st.integers(0, 50)))
        try:
            folder.hear(command, now=minute)
        except Refused:
            continue
    well_said(folder.said, lambda e: ONE)
    events = [e for e in folder.said if isinstance(e, ExemptionEvent)]
    assert told([*events, *events]) == list(folder.states.values())


@pytest.mark.parametrize(("model", "field"), [(RequestExemption, "text"), (RejectExemption, "reason")])
def test_blanks_are_no_reason(model: type[ExemptionCommand], field: str) -> None:
    facts = {**asks().model_dump(), **rejects().model_dump()}
    facts.pop("type")
    with pytest.raises(ValidationError):
        model.model_validate({**facts, field: " \u3000 "})
    assert getattr(model.model_validate({**facts, field: " 停机 "}), field) == "停机"


def test_what_a_decision_says_names_nobodys_number() -> None:
    folder = exemptions()
    folder.hear(asks())
    with pytest.raises(Refused, match="手机号"):
        folder.hear(rejects().model_copy(update={"reason": "致电 138-0013-8000"}))
    assert folder.states[ONE].standing == "requested"


def test_an_approved_one_is_revoked_rather_than_rejected() -> None:
    folder = exemptions()
    folder.hear(asks(), approves())
    with pytest.raises(Refused, match="如需取消请撤销"):
        folder.hear(rejects(3))


def agreed() -> Agreed:
    known = Agreed()
    known.hear(saved())
    return known


def test_a_scope_names_what_there_is() -> None:
    case = UUID(int=5)
    wished = WishedScope(contracts=("ht-1", "ht-1"), clocks=("chase",), case_ids=(" yb-1 ", str(case)))
    scope = scope_of(wished, agreed(), {"YB-1": UUID(int=4)})
    assert scope == Scope(contracts=("ht-1",), clocks=("chase",), case_ids=(UUID(int=4), case))
    assert wished.numbers == ["YB-1"]
    assert scope_of(WishedScope(everything=True), agreed(), {}) == Scope()


@pytest.mark.parametrize(
    ("wished", "why"),
    [
        (WishedScope(), "没有写明适用范围"),
        (WishedScope(everything=True, clocks=("chase",)), "只保留一种"),
        (WishedScope(contracts=("ht-1", "ht-O1")), "没有合同 ht-O1"),
        (WishedScope(institutions=("H62010200009",)), "没有机构 H62010200009"),
        (WishedScope(case_ids=("YB-2",)), "没有工单 YB-2"),
    ],
)
def test_a_scope_that_says_too_little_or_names_what_is_not_there_is_refused(wished: WishedScope, why: str) -> None:
    with pytest.raises(Unclear, match=why):
        scope_of(wished, agreed(), {"YB-1": UUID(int=4)})


def test_a_scope_has_each_clock_once() -> None:
    assert Scope(clocks=("chase", "chase")).clocks == ("chase",)
    with pytest.raises(ValidationError):
        Scope(clocks=("chase",) * 5)


@pytest.mark.parametrize("body", ['{"scope": {"contract": []}}', '{"contracts": []}', '{"reasons": ""}'])
def test_a_misspelt_key_is_not_passed_over(body: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(body, type=Wish)
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(body, type=Word)


NUMBERS = st.sampled_from(["13800138000", "62010219900101123X", "620102900101123"])
AROUND = st.sampled_from(["", " ", "电话", "Tel", "（", "@", "x"])


@given(NUMBERS, AROUND, AROUND, st.sampled_from(["", " ", "-", ".", "·", "_", "\u200b", "—", "- "]), st.booleans())
def test_somebodys_number_is_seen_however_it_is_written(
    number: str, before: str, after: str, gap: str, wide: bool
) -> None:
    groups = {11: (3, 7), 18: (6, 10, 12, 14), 15: (6, 12)}[len(number)]
    parts = [number[a:b] for a, b in zip((0, *groups), (*groups, None), strict=True)]
    written = gap.join(parts)
    if wide:
        written = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in written)
    with pytest.raises(Personal):
        impersonal(f"{before}{written}{after}")


@pytest.mark.parametrize("text", ["+8613800138000", "8613800138000", "0086 138 0013 8000", "139.1234.5678"])
def test_a_number_with_a_countrys_prefix_is_seen(text: str) -> None:
    with pytest.raises(Personal):
        impersonal(f"联系 {text}")


@pytest.mark.parametrize(
    "text",
    ["H13010200001 与 H15020300017 停机", "报文 H13010200001202611191200000001", "１ 号机 ½", "20261119120000 起"],
)
def test_codes_of_institutions_are_nobodys_number_and_words_stay_as_they_were_written(text: str) -> None:
    assert impersonal(f" {text} ") == text
