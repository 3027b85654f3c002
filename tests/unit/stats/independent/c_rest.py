"""Invented articles of the knowledge base, and invented duties with their items."""

import random
from datetime import datetime, timedelta
from typing import Any

from chassis.zone import BEIJING
from contracts.envelope import Event, derive_id
from contracts.knowledge import (
    ArticleDrafted,
    ArticleEvent,
    ArticleJudged,
    ArticlePublished,
    ArticleRated,
    ArticleRetired,
    ArticleViewed,
)
from contracts.obligation import (
    ObligationEvidenceAdded,
    ObligationFulfilled,
    ObligationItem,
    ObligationOpened,
    ObligationPlan,
    ObligationProgressed,
    ObligationWaived,
)
from tests.unit.stats.independent.c_line import CATEGORIES, ENGINEERS, PLACES, START, TEXT, Line, staff


def article(chance: random.Random, n: int) -> list[Event]:
    id_, at = derive_id("article", n), START + timedelta(days=chance.randrange(180))
    whole = {
        "article_id": id_, "case_id": derive_id("case", n), "number": f"K{n}", "title": TEXT, "question": TEXT,
        "answer": TEXT, "category": chance.choice(CATEGORIES), "owner": chance.choice(ENGINEERS),
        "audience": chance.choice(("engineers", "hospitals", f"hospital:{PLACES[0]}")),
    }  # fmt: skip
    line = Line(f"article {n}", at, **whole)
    line.say(ArticleDrafted, state="draft")
    if chance.random() < 0.8:
        line.say(ArticlePublished, 600, staff(chance), live_revision=1)
    for _ in range(chance.randrange(8)):
        told_by: tuple[type[ArticleEvent], dict[str, Any]] = chance.choice((
            (ArticleViewed, {"views": chance.randrange(1, 9)}), (ArticleRated, {"helpful": chance.random() < 0.6}),
            (ArticleJudged, {"verdict": "accepted", "judged_for": id_}),
        ))  # fmt: skip
        line.say(told_by[0], chance.randrange(20_000), **told_by[1])
    if chance.random() < 0.2:
        line.say(ArticleRetired, 100, staff(chance), state="retired")
    return line.said


def obligation(chance: random.Random, n: int) -> list[Event]:
    month, name = f"2026-{5 + n:02}", chance.choice(("settlement_list", "trainings", "monthly_settlement"))
    id_, opened = derive_id("duty", n), datetime(2026, 5 + n, 1, tzinfo=BEIJING)
    due = opened + timedelta(days=40 if n == 6 else 10, hours=18)
    plan = ObligationPlan(
        definition=name, title=name, todo="", each="institution", holder="main", period=month, opens_at=opened,
        due_at=due, steps=(), items=tuple(ObligationItem(key=p, name="张三丰") for p in PLACES), calendar="desk@1",
        edition="1", by_progress=name == "settlement_list", least=2 * (name == "trainings"),
    )  # fmt: skip
    about = {"obligation_id": id_, "definition": name, "title": name, "holder": "main", "period": month, "due_at": due}
    line = Line(f"duty {n}", opened, open=4, done=0, waived=0, **about)
    line.say(ObligationOpened, opens_at=opened, calendar="desk@1", edition="1", items=PLACES, plan=plan)
    for place in PLACES:
        way = chance.randrange(5)
        if way == 0:
            line.say(ObligationWaived, 60, staff(chance), items=(place,), reason=TEXT)
        elif way == 1:
            line.say(ObligationFulfilled, chance.choice((60, 20_000)), staff(chance), items=(place,), note=TEXT)
        elif name == "trainings":
            for piece in range(chance.randrange(4)):
                evidence = {"evidence_id": derive_id("piece", n, place, piece), "note": TEXT, "count": piece + 1}
                line.say(ObligationEvidenceAdded, 900, staff(chance), item=place, **evidence)
        elif way < 4:
            done = {"key": place, "done": chance.choice((40, 60)), "of": 60}
            line.say(ObligationProgressed, chance.choice((60, 9_000)), items=(done,))
    return line.said
