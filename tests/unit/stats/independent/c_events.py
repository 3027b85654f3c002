"""Invented events of the desk, by its contracts: half a year of cases, clocks, obligations, articles, suggestions."""

import random
from datetime import timedelta

from contracts.case import (
    CaseAssigned,
    CaseClosed,
    CaseEscalated,
    CaseMessageAdded,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseResponded,
)
from contracts.casework import (
    CaseCategorised,
    CaseChased,
    CaseJoinedOutage,
    CaseMessagesMoved,
    CaseStepped,
    CaseVisited,
)
from contracts.channel import CHANNELS, Sender
from contracts.envelope import SYSTEM, Event, derive_id
from contracts.sla import SlaBreached, SlaMet, SlaPaused, SlaStarted, SlaStopped
from contracts.suggestion import Suggested, SuggestionJudged, SuggestionMade
from tests.unit.stats.independent.c_line import ASKER, CATEGORIES, ENGINEERS, PLACES, START, TEXT, UNTIL, Line, staff
from tests.unit.stats.independent.c_rest import article, obligation


def told(seed: int, cases: int = 60) -> list[bytes]:
    """The events of all streams as JSON, each aggregate's in order."""
    chance = random.Random(seed)
    found: list[Event] = []
    for n in range(cases):
        found += _case(chance, n)
    for n in range(max(2, cases // 6)):
        found += article(chance, n)
    for n in range(7):
        found += obligation(chance, n)
    return [event.model_dump_json().encode() for event in found]


def _case(chance: random.Random, n: int) -> list[Event]:
    at = START + timedelta(seconds=chance.randrange(int((UNTIL - START).total_seconds())))
    id_ = derive_id("case", n)
    case, place = Line(f"case {n}", at, case_id=id_, number=f"YB-{n}"), chance.choice((*PLACES, None))
    category = chance.choice(CATEGORIES)
    kind = "training" if category == "培训" else chance.choice(("consultation", "fault"))
    sender = Sender(id="wxid_秘密", name="张三丰")
    case.say(
        CaseOpened, 0, ASKER, channel=chance.choice(CHANNELS), conversation_id="c", message_id=f"m{n}",
        requester=sender,
        institution_code=place, title=TEXT, text=TEXT, category=category, kind=kind,
        priority=chance.choice(("urgent", "normal")), assignee=chance.choice((*ENGINEERS, None)),
    )  # fmt: skip
    clock = Line(f"clock {n}", at, case_id=id_, number=f"YB-{n}", clock="first_response", cycle=1,
                  due_at=at + timedelta(minutes=30), institution_code=place, assignee="E001")  # fmt: skip
    clock.say(SlaStarted, policy=chance.choice(("标准", "紧急")), warn_at=at)
    if chance.random() < 0.5:
        case.say(CaseMessageAdded, chance.randrange(5), ASKER, message_id=f"m{n}b", text=TEXT)
    if chance.random() < 0.3:
        case.say(CaseAssigned, 1, staff(chance), assignee=chance.choice(ENGINEERS))
    if chance.random() < 0.2:
        case.say(CaseCategorised, 1, staff(chance), category="目录", priority="normal", before=category, by="staff")
    _answer(chance, case, clock)
    if kind == "training":
        _train(chance, case)
    _finish(chance, case, place, category)
    made = Line(f"suggestion {n}", at, case_id=id_, number=f"YB-{n}")
    offers = [derive_id("article", chance.randrange(12)) for _ in range(chance.randrange(3))]
    if offers:
        shown = tuple(Suggested(article_id=o, number="K", title=TEXT, kind="article", score=0.5) for o in offers)
        made.say(SuggestionMade, suggestions=shown)
        if chance.random() < 0.7:
            verdict = chance.choice(("accepted", "edited", "rejected"))
            made.say(
                SuggestionJudged,
                60 * chance.randrange(72),
                staff(chance),
                article_id=offers[0],
                verdict=verdict,
                note=TEXT,
            )
    return case.said + clock.said + made.said


def _answer(chance: random.Random, case: Line, clock: Line) -> None:
    chosen, wait = chance.random(), chance.choice((3.5, 12, 29, 30, 31, 300))
    if chosen < 0.8:
        case.say(CaseResponded, wait, staff(chance), text=TEXT, first=True)
        late = wait > 30
        if chance.random() < 0.2:
            clock.say(SlaPaused, 1, reason=TEXT)
        if late:
            clock.say(SlaBreached, 29, late_ms=5)
        clock.say(SlaMet, wait, in_time=not late)
    elif chosen < 0.9:
        clock.say(SlaStopped, 10)


def _train(chance: random.Random, case: Line) -> None:
    step = {"kind": "training", "from_step": "a", "to_step": "b", "owes": "desk"}
    starts = (case.at + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    plan = {"topic": TEXT, "mode": chance.choice(("线上", "线下", TEXT)), "starts_at": starts, "trainer": "张三丰"}
    case.say(CaseStepped, 5, staff(chance), transition="plan", fields=plan, **step)
    if chance.random() < 0.7:
        came = {"attendance": chance.choice(("12", "40", "很多人")), "materials": TEXT}
        case.say(CaseStepped, 5000, staff(chance), transition="hold", fields=came, **step)
        if chance.random() < 0.7:
            happy = {"satisfaction": chance.choice(("很满意", "满意", "一般"))}
            case.say(CaseStepped, 60, staff(chance), transition="complete", fields=happy, **step)
    elif chance.random() < 0.5:
        case.say(CaseStepped, 5, staff(chance), transition="cancel", fields={"cancelled_because": TEXT}, **step)
        case.say(CaseClosed, 0, staff(chance), reason=TEXT)


def _finish(chance: random.Random, case: Line, place: str | None, category: str) -> None:
    if chance.random() < 0.2:
        case.say(CaseEscalated, 10, staff(chance), to="province", reason=TEXT)
        case.say(CaseChased, 600, staff(chance), note=TEXT, times=1)
    if chance.random() < 0.1:
        case.say(CaseJoinedOutage, 1, outage_id=derive_id("outage"), outage_number="G1")
    if chance.random() < 0.1:
        for phase in ("planned", "departed", "arrived", "left"):
            case.say(CaseVisited, 30, staff(chance), engineer="E003", phase=phase, place=TEXT)
    if chance.random() < 0.7:
        about = {"title": TEXT, "question": TEXT, "category": category, "institution_code": place}
        case.say(CaseResolved, chance.randrange(3000), staff(chance), resolution=TEXT, **about)
        if chance.random() < 0.2:
            case.say(CaseReopened, 500, ASKER, reason=TEXT)
        elif chance.random() < 0.5:
            case.say(CaseClosed, 1440, SYSTEM, reason=TEXT)
    elif chance.random() < 0.2:
        case.say(CaseMessagesMoved, 2, staff(chance), to_case=derive_id("case", 0), message_ids=("m",), merged=True)
