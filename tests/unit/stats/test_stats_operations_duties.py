"""What rows of duties, articles and suggestions say of their events."""

from datetime import date, datetime, timedelta
from typing import Any

from services.stats.operations.told import Row
from tests.unit.stats.independent.c_line import PLACES, UNTIL
from tests.unit.stats.independent.c_said import CASE, MORNING, rows, said

DAY = 24 * 60


def duty(*events: tuple[str, float, dict[str, Any]], until: datetime = UNTIL, **plan: Any) -> Row:
    items = [{"key": PLACES[0], "name": "某院"}]
    about = {
        "obligation_id": CASE,
        "definition": "d",
        "holder": "h",
        "period": "2026-09",
        "open": 1,
        "done": 0,
        "waived": 0,
    }
    about |= {"due_at": (MORNING + timedelta(days=2)).isoformat()}
    opened = said(1, "obligation.opened", 0, **about, items=[PLACES[0]], plan={"items": items, **plan})
    rest = [said(n, f"obligation.{name}", after, **about, **facts) for n, (name, after, facts) in enumerate(events, 2)]
    [row] = rows([opened, *rest], until)["desk_obligation"]
    return row


HERE = {"items": [PLACES[0]]}


def reported(done: int, of: int = 60) -> dict[str, Any]:
    return {"items": [{"key": PLACES[0], "done": done, "of": of}]}


def piece(n: int) -> dict[str, Any]:
    return {"item": PLACES[0], "evidence_id": f"{n}", "count": n}


def test_an_item_of_a_duty_is_done_by_what_was_reported_and_open_again_when_less_is() -> None:
    assert duty(("progressed", 5, reported(59)), by_progress=True)["outcome"] == "late"
    assert duty(("progressed", 5, reported(60)), by_progress=True)["outcome"] == "kept"
    assert duty(("progressed", 3 * DAY, reported(60)), by_progress=True)["outcome"] == "late"
    back = duty(("progressed", 5, reported(60)), ("progressed", 9, reported(60, 61)), by_progress=True)
    assert (back["state"], back["done_at"], back["of_cnt"]) == ("open", None, 61)
    assert duty(("progressed", 5, reported(0, 0)), by_progress=True)["state"] == "open"


def test_a_word_of_staff_outweighs_what_is_reported_until_it_is_reopened() -> None:
    word = ("waived", 1.0, HERE), ("progressed", 5.0, reported(3))
    assert duty(*word, by_progress=True)["outcome"] == "exempted"
    assert duty(*word, ("reopened", 7.0, HERE), by_progress=True)["state"] == "open"


def test_enough_pieces_of_evidence_fulfil_a_duty() -> None:
    one = duty(("evidence_added", 1, piece(1)), least=2)
    two = duty(("evidence_added", 1, piece(1)), ("evidence_added", 2, piece(2)), least=2)
    assert (one["state"], one["done_cnt"], two["state"], two["of_cnt"]) == ("open", 1, "done", 2)


def test_what_is_open_is_late_only_once_it_is_due() -> None:
    assert duty(until=MORNING + timedelta(days=1))["outcome"] == "open"
    assert duty(until=MORNING + timedelta(days=2))["outcome"] == "late"


def test_an_article_is_counted_on_the_days_on_which_something_happened() -> None:
    about = {
        "article_id": CASE,
        "category": "目录",
        "kind": "solution",
        "audience": f"hospital:{PLACES[0]}",
        "state": "published",
    }
    events = [
        said(1, "knowledge.drafted", 0, **about), said(2, "knowledge.published", 10, **about),
        said(3, "knowledge.viewed", DAY, views=5, **about), said(4, "knowledge.viewed", DAY + 1, views=2, **about),
        said(5, "knowledge.rated", DAY + 2, helpful=False, **about),
    ]  # fmt: skip
    found = rows(events)
    first, second = found["desk_article_day"]
    assert (first["born_cnt"], first["published_cnt"], first["viewed_cnt"]) == (1, 1, 0)
    assert (second["born_cnt"], second["viewed_cnt"], second["unhelpful_cnt"]) == (0, 7, 1)
    [article] = found["desk_article"]
    assert (article["audience"], article["fixmedins_code"]) == ("hospital", PLACES[0])


def test_a_suggestion_is_counted_once_with_its_last_verdict() -> None:
    offers = {"suggestions": [{"article_id": "b"}, {"article_id": "a"}]}
    events = [
        said(1, "suggestion.made", 0, **offers), said(2, "suggestion.made", DAY, suggestions=[{"article_id": "a"}]),
        said(3, "suggestion.judged", DAY, article_id="a", verdict="rejected"),
        said(4, "suggestion.judged", 2 * DAY, article_id="a", verdict="edited"),
    ]  # fmt: skip
    a, b = rows(events)["desk_suggestion"]
    assert (a["made_on"], a["best_rank"], a["verdict"], a["judged_on"]) == (
        date(2026, 10, 9),
        1,
        "edited",
        date(2026, 10, 11),
    )
    assert (b["best_rank"], b["verdict"]) == (1, None)
