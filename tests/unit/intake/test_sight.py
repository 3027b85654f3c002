"""Whoever asks sees his own cases, and of them what is meant for him: never another's rows, never the desk's words."""

import re
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refused
from chassis.token import Principal
from contracts.case import (
    AssignCase,
    CaseCommand,
    CloseCase,
    EscalateCase,
    PutCaseOnWait,
    ReopenCase,
    ResolveCase,
    RespondToCase,
)
from contracts.casework import ChaseCase, MergeCase, MoveMessages, NoteCase, VisitCase
from contracts.channel import ChannelMessage
from contracts.envelope import Actor, derive_id
from services.intake.api.filters import BadRequest, Filters, outward_of, query_of
from services.intake.api.sight import covers, in_words, seen_by, sight
from services.intake.desk import UNSOLVED
from services.intake.directory.seen import among, seen
from services.intake.model import Case
from services.intake.record.outward import outward, told
from tests.chassis.folding import Folder
from tests.support.make import message
from tests.unit.intake.cases import desk, wish

H1, H2 = "H62010200001", "H62020200002"
INSIDE = "内部勿传"  # in all that only the desk may read
ONE, OTHER = Principal("h1", "hospital", institutions=(H1,)), Principal("h2", "hospital", institutions=(H2,))
DISTRICT = Principal("o1", "officer", districts=("620102",))
REQUESTER = Actor(kind="requester", id="h1", name="县医院李工")


def asked(id_: str, institution: str | None, text: str = "门诊结算失败", **more: Any) -> ChannelMessage:
    return message(id_, f"{text} 标记{institution}", institution=institution, sender=f"u-{institution}", **more)


def history(cases: Folder[Case], id_: UUID) -> list[str]:
    return [body.decode() for _, body in cases.documents[id_].said]


def shown(cases: Folder[Case], id_: UUID) -> str:
    case = cases.states[id_]
    return msgspec.json.encode([outward(id_, case), told(id_, case, history(cases, id_))]).decode()


def test_a_case_belongs_to_the_institution_that_asked_not_to_the_one_that_it_is_about() -> None:
    cases = desk()
    cases.hear(asked("m1", H1, f"{H2} 的结算单对不上"))
    [case] = cases.states.values()
    assert (case.asked_from, case.institution_code) == (H1, H2)
    assert seen_by(case, ONE) and not seen_by(case, OTHER)


def test_a_case_that_nobody_knows_the_asker_of_is_no_hospitals() -> None:
    cases = desk()
    cases.hear(message("m1", f"{H1} 门诊结算失败"))
    [case] = cases.states.values()
    assert case.institution_code == H1 and not seen_by(case, ONE)
    assert not seen_by(case, Principal("h0", "hospital"))


def test_an_officer_sees_his_districts_and_one_without_districts_sees_all() -> None:
    for code, theirs in ((H1, True), (H2, False), (None, False)):
        cases = desk()
        cases.hear(asked("m1", code))
        [case] = cases.states.values()
        assert seen_by(case, DISTRICT) is theirs
        assert seen_by(case, Principal("o2", "officer")) and seen_by(case, Principal("a", "auditor"))
    assert covers(DISTRICT, H1) and not covers(DISTRICT, None) and covers(Principal("o2", "officer"), None)
    assert not covers(Principal("o3", "officer", districts=(".",)), H1), "a district is no pattern"


def holds(query: Any, state: dict[str, Any]) -> bool:
    """A query of `sight` or `among`, as MongoDB takes it."""
    if "$or" in query:
        return any(holds(one, state) for one in query["$or"])
    return all(_fits(condition, state.get(path.removeprefix("state."))) for path, condition in query.items())


def _fits(condition: Any, value: str | None) -> bool:
    if "$in" in condition:
        return any(v.match(value or "") if isinstance(v, re.Pattern) else v == value for v in condition["$in"])
    return value is not None and condition["$gte"] <= value < condition["$lt"]


CODES = st.sampled_from([H1, H2, "P62010200003", "H62010100004", None])
WHO = st.builds(
    Principal, account=st.just("x"), role=st.sampled_from(["hospital", "officer", "lead", "auditor"]),
    institutions=st.lists(CODES.filter(bool), max_size=2).map(tuple),
    districts=st.lists(st.sampled_from(["6201", "620102", "62"]), max_size=2).map(tuple),
)  # fmt: skip


@given(WHO, CODES, CODES)
def test_lists_and_single_cases_agree_on_who_sees_what(who: Principal, asker: str | None, about: str | None) -> None:
    cases = desk()
    cases.hear(asked("m1", asker))
    [case] = cases.states.values()
    case = msgspec.structs.replace(case, institution_code=about)
    assert holds(sight(who), {"asked_from": asker, "institution_code": about}) is bool(seen_by(case, who))


STEPS: dict[str, tuple[type[CaseCommand], dict[str, Any]]] = {
    "assign": (AssignCase, {"assignee": f"{INSIDE}.wang", "reason": INSIDE}),
    "note": (NoteCase, {"text": f"{INSIDE} 备注"}),
    "wait": (PutCaseOnWait, {"waiting_for": "vendor", "reason": f"{INSIDE} 等厂商"}),
    "escalate": (EscalateCase, {"reason": f"{INSIDE} 上报", "external_number": INSIDE}),
    "chase": (ChaseCase, {"note": f"{INSIDE} 催办"}),
    "visit": (VisitCase, {"engineer": INSIDE, "phase": "planned", "place": INSIDE}),
    "respond": (RespondToCase, {"text": "请重启前置机"}),
    "resolve": (ResolveCase, {"resolution": "方案"}),
    "close": (CloseCase, {"reason": f"{INSIDE} 归档"}),
    "reopen": (ReopenCase, {"reason": f"{INSIDE} 误关"}),
}


@given(
    st.lists(st.sampled_from([*STEPS, "more", "other", "quoted", "merge", "move", "back"]), max_size=12), st.booleans()
)
def test_a_hospital_never_reads_anothers_words_or_the_desks(steps: list[str], group: bool) -> None:
    """Whatever the desk does, and however messages are moved between two hospitals' cases."""
    cases = desk()
    cases.hear(asked("a0", H1, conversation="a", group=group))
    [ours] = cases.states
    cases.hear(wish(cases, RespondToCase, case_id=ours, text="已收到"))  # else a resolution is sent as the first answer
    cases.hear(asked("b0", H2, conversation="b", group=group))
    theirs = next(id_ for id_ in cases.states if id_ != ours)
    for n, step in enumerate(steps):
        with suppress(Refused):
            cases.hear(*_messages(cases, step, n, ours, theirs))
    for id_, case in cases.states.items():
        for who, foreign in ((ONE, f"标记{H2}"), (OTHER, f"标记{H1}")):
            if seen_by(case, who):
                text = shown(cases, id_)
                assert INSIDE not in text
                assert foreign not in text
                assert "channel.out" not in text and "fingerprint" not in text


def _messages(cases: Folder[Case], step: str, n: int, ours: UUID, theirs: UUID) -> list[Any]:
    if step in STEPS:
        model, facts = STEPS[step]
        return [wish(cases, model, n, case_id=ours, **facts)]
    if step == "more":
        return [asked(f"a{n + 1}", H1, f"补充{n}", conversation="a")]
    if step == "other":
        return [asked(f"b{n + 1}", H2, f"另问{n}", conversation="b")]
    if step == "quoted":
        return [asked(f"q{n}", H2, f"同问{n}", conversation="a", group=True, quote={"message_id": "a0"})]
    if step == "merge":
        return [wish(cases, MergeCase, n, case_id=theirs, into=ours, reason=INSIDE)]
    source, to = (theirs, ours) if step == "move" else (ours, theirs)
    ids = [id_ for line in cases.states[source].lines for id_ in line.message_ids][:1]
    return [wish(cases, MoveMessages, n, case_id=source, message_ids=ids, to=to, reason=INSIDE)] if ids else []


def test_what_goes_out_is_the_conversation_its_state_and_its_times() -> None:
    cases = desk()
    cases.hear(asked("a0", H1, attachments=[{"name": "截图.png", "url": "/attachments/abc"}]))
    [id_] = cases.states
    cases.hear(wish(cases, RespondToCase, case_id=id_, text="请重启前置机"))
    cases.hear(wish(cases, ResolveCase, case_id=id_, resolution="已修复"))
    found = told(id_, cases.states[id_], history(cases, id_))
    assert [(one["by"], one["text"]) for one in found["conversation"]] == [
        ("requester", f"门诊结算失败 标记{H1}"), ("desk", "请重启前置机"), ("desk", "已修复"),
    ]  # fmt: skip
    assert found["conversation"][0]["attachments"] == [
        {"name": "截图.png", "media_type": "application/octet-stream", "key": "abc"}
    ]
    assert [step["text"] for step in found["steps"]] == ["已受理", "已答复", "已解决"]
    assert (found["status"], found["owes"]) == ("resolved", "requester")


def test_whoever_asked_confirms_what_is_resolved_and_says_what_is_not() -> None:
    cases = desk()
    cases.hear(asked("a0", H1))
    [id_] = cases.states
    confirm = wish(cases, CloseCase, case_id=id_, reason="确认").model_copy(update={"actor": REQUESTER})
    with pytest.raises(Refused, match="还没有给出解决方案"):
        cases.hear(confirm)
    cases.hear(wish(cases, ResolveCase, case_id=id_, resolution="已修复"))
    again = wish(cases, ReopenCase, case_id=id_, reason="还是报错").model_copy(update={"actor": REQUESTER})
    cases.hear(again)
    assert cases.states[id_].status == "in_progress"
    assert any(UNSOLVED + "还是报错" in text for text in history(cases, id_)), "the desk reads whose words these are"
    last = told(id_, cases.states[id_], history(cases, id_))["conversation"][-1]
    assert (last["by"], last["name"], last["text"]) == ("requester", "县医院李工", "还是报错")


def test_somebody_goes_on_with_the_case_that_he_picked_whatever_its_channel() -> None:
    cases = desk()
    cases.hear(asked("a0", H1, conversation="a"), asked("b0", H1, conversation="b"))
    picked = next(iter(cases.states))
    cases.hear(asked("w1", H1, "还有一个问题", channel="web", conversation="w", case_id=picked))
    assert "还有一个问题" in cases.states[picked].question and len(cases.states) == 2
    cases.hear(asked("w2", H1, "不知道的工单", channel="web", conversation="w2", case_id=derive_id("nothing")))
    assert len(cases.states) == 3, "a case that there is not is a new question"


def test_a_hospital_cannot_filter_by_what_only_the_desk_knows() -> None:
    for inward in ({"assignee": ["wang"]}, {"contact": ["c"]}, {"outage": "GZ-00000"}, {"owes": ["vendor"]},
                   {"unassigned": True}, {"priority": ["high"]}, {"category": ["月结"]}):  # fmt: skip
        with pytest.raises(BadRequest):
            outward_of(Filters(**inward))
    query = query_of(outward_of(Filters(institution_code=[H1], status=["new"])))
    assert query["state.asked_from"] == {"$in": [H1]} and "state.institution_code" not in query


def test_a_hospitals_search_is_words_and_never_a_pattern() -> None:
    one, two = in_words("结算 (.*")
    assert one["$or"][0]["state.lines"]["$elemMatch"]["asked_from"] == {"$exists": False}
    assert two["$or"][0]["state.lines"]["$elemMatch"]["text"]["$regex"] == r"\(\.\*"
    assert in_words("  ") == [] and len(in_words("字 " * 100)) == 8


def test_the_directory_shows_a_hospital_itself() -> None:
    assert among("staff", ONE) == {"_id": None}
    assert among("institution", ONE) == {"state.key": {"$in": [H1]}}
    assert among("contact", Principal("l", "lead")) == {}
    assert holds(among("contract", DISTRICT), {"facts.institution_codes": H1})
    assert seen({"institution_codes": [H1, H2]}, ONE)["institution_codes"] == [H1]
