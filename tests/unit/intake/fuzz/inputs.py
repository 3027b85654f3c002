"""Everything that a case can be told, as Hypothesis draws it: messages, receipts and all commands, in any order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from hypothesis import strategies as st

from contracts.case import (
    AssignCase,
    CaseCommand,
    Category,
    CloseCase,
    EscalateCase,
    Kind,
    Priority,
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
    RespondToCase,
    WaitingFor,
)
from contracts.casework import (
    CategoriseCase,
    ChaseCase,
    ClaimMessages,
    JoinOutage,
    MergeCase,
    MoveMessages,
    NoteCase,
    Phase,
    RemindToChase,
    RevealOriginal,
    SetCaseKind,
    StepCase,
    VisitCase,
    WarnWindow,
)
from contracts.channel import ChannelMessage, ChannelReceipt, Quote, Sender
from contracts.directory import IdentifyRequester
from contracts.envelope import Actor, Contract, derive_id
from services.intake.model import Case
from services.intake.workflows.engine import WORKFLOWS
from services.intake.workflows.moves import moves
from tests.support.make import NOON

PLANTED_ID, PLANTED_PHONE = "620102199003074514", "13893123456"
PLANTED = f"患者张建国 身份证{PLANTED_ID} 电话{PLANTED_PHONE}"
STAFF = Actor(kind="staff", id="wang")
NOWHERE = derive_id("case", "that nobody has opened")
TEXTS = (
    "门诊结算失败", "2207 报错: 交易超时", "好的谢谢", "#新问题 目录对照", "门诊结算失败",
    "异地备案查询失败, 请帮忙看一下怎么处理", PLANTED, f"门诊结算失败 {PLANTED}", "「张工：2207」\n- - - -\n怎么处理",
)  # fmt: skip
_AFTER_MIN = (0, 1, 5, 30, 61, 3_000)


def _message(draw: st.DrawFn, n: int, at: datetime) -> ChannelMessage:
    who = draw(st.sampled_from(["u1", "u2", PLANTED_PHONE]))
    role = draw(st.sampled_from(["requester", "requester", "requester", "staff"]))
    quote = draw(st.none() | st.integers(0, n).map(lambda m: Quote(message_id=f"m{m}", text=PLANTED)))
    return ChannelMessage(
        message_id=f"m{draw(st.integers(max(0, n - 3), n))}",
        channel="wechat",
        conversation_id=draw(st.sampled_from(["c1", "c2", f"c-{PLANTED_PHONE}"])),
        sender=Sender(id=who, name=draw(st.sampled_from(["", "张建国 " + PLANTED_PHONE])), role=role),
        subject=draw(st.sampled_from(["", PLANTED])),
        text=draw(st.sampled_from(TEXTS)),
        group=draw(st.booleans()),
        quote=quote,
        occurred_at=at - timedelta(minutes=draw(st.sampled_from(_AFTER_MIN))),
    )


def _facts(draw: st.DrawFn, state: Case | None, ids: Sequence[UUID], now: datetime) -> dict[type[CaseCommand], Any]:
    """What each command needs, drawn only for the one that is chosen."""
    words = st.sampled_from(["x", "请核对", PLANTED])
    known = [m for line in state.lines for m in line.message_ids] if state else []
    message = st.sampled_from([*known, "m0", "unknown"])
    case = st.sampled_from([*ids, NOWHERE])
    when = state.next_chase_at if state and state.next_chase_at else now

    def step() -> dict[str, Any]:
        open_ = [m for m in moves(state) if not m.blocked] if state else []
        names = [t.name for f in WORKFLOWS.values() for t in f.transitions]
        if not open_ or draw(st.integers(0, 5)) == 0:
            return {"transition": draw(st.sampled_from(names)), "fields": {"note": draw(words)}}
        move = draw(st.sampled_from(open_))
        given = {f.field: _filled(f.type, draw(words)) for f in (*move.requires, *move.optional)}
        return {"transition": move.name, "fields": given, "reason": draw(words)}

    return {
        AssignCase: lambda: {"assignee": "wang", "reason": draw(words)},
        RespondToCase: lambda: {"text": draw(words), "via": draw(st.sampled_from(["channel", "phone", "onsite"]))},
        PutCaseOnWait: lambda: {"waiting_for": draw(st.sampled_from(get_args(WaitingFor))), "reason": draw(words)},
        EscalateCase: lambda: {
            "to": draw(st.sampled_from(["province", "vendor"])), "reason": draw(words), "external_number": draw(words),
        },
        ResolveCase: lambda: {"resolution": draw(words)},
        CloseCase: lambda: {"reason": draw(words)},
        ReopenCase: lambda: {"reason": draw(words)},
        NoteCase: lambda: {"text": draw(words)},
        StepCase: step,
        SetCaseKind: lambda: {"kind": draw(st.sampled_from(get_args(Kind))), "reason": draw(words)},
        CategoriseCase: lambda: {
            "category": draw(st.none() | st.sampled_from(get_args(Category))),
            "priority": draw(st.none() | st.sampled_from(get_args(Priority))),
            "by": draw(st.sampled_from(["staff", "model"])),
        },
        ChaseCase: lambda: {"note": draw(words), "next_at": draw(st.sampled_from([None, now + timedelta(hours=1)]))},
        RemindToChase: lambda: {"due_at": when},
        VisitCase: lambda: {
            "engineer": "li", "phase": draw(st.sampled_from(get_args(Phase))), "place": draw(words),
            "note": draw(words),
        },
        MergeCase: lambda: {"into": draw(case), "reason": draw(words)},
        MoveMessages: lambda: {
            "message_ids": draw(st.lists(message, min_size=1, max_size=3)), "to": draw(st.none() | case),
            "reason": draw(words),
        },
        ClaimMessages: lambda: {"for_case": draw(case), "since": now - timedelta(hours=draw(st.integers(0, 3)))},
        RevealOriginal: lambda: {"message_id": draw(message), "reason": "核对身份 " + draw(words)},
        WarnWindow: lambda: {"closes_at": (state.heard_at or now) + timedelta(hours=48) if state else now,
                             "replies_left": 1},
        JoinOutage: lambda: {"outage_id": derive_id("outage", draw(st.integers(0, 1))), "outage_number": "O-1"},
        IdentifyRequester: lambda: {"contact": "k1", "institution_code": draw(st.sampled_from([None, "H62010200123"]))},
    }  # fmt: skip


def _filled(type_: str, words: str) -> str:
    return {
        "date": "2026-11-22", "datetime": "2026-11-22T12:00:00+08:00", "number": "3", "count": "3",
        "uuid": str(NOWHERE),
    }.get(type_, words)  # fmt: skip


def drawn(draw: st.DrawFn, n: int, states: dict[UUID, Case], now: datetime) -> Contract:
    """The `n`-th input, to any of the cases that there are or to one that there is not."""
    if not states or draw(st.integers(0, 3)) == 0:
        return _message(draw, n, now)
    id_ = draw(st.sampled_from([*states, *states, NOWHERE]))
    state = states.get(id_)
    if draw(st.integers(0, 15)) == 0:
        return ChannelReceipt(
            reply_id=derive_id("reply", n), case_id=id_, channel="wechat", reason=PLANTED, at=now,
            outcome=draw(st.sampled_from(["sent", "read", "refused", "failed"])),
        )  # fmt: skip
    facts = _facts(draw, state, list(states), now)
    command = draw(st.sampled_from(sorted(facts, key=lambda kind: kind.__name__)))
    version = draw(st.sampled_from([None, None, None, 1, 2]))
    return command(
        id=derive_id("wish", n), type=command.model_fields["type"].default, occurred_at=NOON, actor=STAFF,
        case_id=id_, expected_version=version, **facts[command](),
    )  # fmt: skip
