"""Exemptions: two people decide, once; what the stream tells is what was folded."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from services.sla.exemptions.fold import fold
from services.sla.exemptions.model import Exemption
from services.sla.exemptions.told import told
from tests.chassis.folding import Folder, shuffled, well_said
from tests.unit.sla.events import at

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
def test_who_asks_decides_nothing(decides: Callable[..., ExemptionCommand]) -> None:
    folder = exemptions()
    folder.hear(asks(who="wang"))
    with pytest.raises(Refused, match="申请人不能审批自己的"):
        folder.hear(decides(who="wang"))
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
        (asks(text="身份证 62010219800101001X 无法结算"), "证件号"),
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
