"""Settlement lists: which counts are the newest, and who is told what of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import SYSTEM
from contracts.obligation import ObligationItem, ObligationOpened, ObligationPlan, ObligationRescheduled, obligation_id
from services.stats.lists.counts import TABLE, Count, counts
from services.stats.lists.occurrences import Occurrence, commands, occurrences, unowed
from services.stats.operations.writing import write
from services.stats.sources.table import tables

NOW = datetime(2026, 11, 9, 1, tzinfo=UTC)
A, B, C = "H62010200001", "H62010200002", "H62010300003"
DUTY = obligation_id("settlement_list", "main", "2026-10")


def stored(folder: Path, *rows: tuple[str, str, int, int, int]) -> Path:
    """A data set of institution, month, day of November, uploaded, needed."""
    folder.mkdir()
    return Path(write(tables()[TABLE], [
        {"fixmedins_code": code, "fix_blng_admdvs": code[1:7], "setl_month": month,
         "stt_date": date(2026, 11, day), "upld_cnt": done, "need_upld_cnt": of}
        for code, month, day, done, of in rows
    ], folder).path)  # fmt: skip


def test_the_newest_day_of_each_institution_and_month_counts(tmp_path: Path) -> None:
    files = [
        stored(tmp_path / "1", (A, "2026-10", 8, 55, 60), (A, "2026-10", 9, 60, 60), (A, "2026-09", 2, 10, 10)),
        stored(tmp_path / "2", (A, "2026-10", 3, 1, 60), (B, "2026-10", 9, 7, 8)),
    ]
    newest = (
        Count(A, "2026-09", "2026-11-02", 10, 10), Count(A, "2026-10", "2026-11-09", 60, 60),
        Count(B, "2026-10", "2026-11-09", 7, 8),
    )  # fmt: skip
    assert counts(files) == counts(files[::-1]) == newest
    assert counts([]) == ()


def test_of_two_data_sets_about_the_same_day_the_later_one_counts(tmp_path: Path) -> None:
    first, second = stored(tmp_path / "1", (A, "2026-10", 9, 60, 60)), stored(tmp_path / "2", (A, "2026-10", 9, 59, 61))
    assert [c.done for c in counts([first, second])] == [59]
    assert [c.done for c in counts([second, first])] == [60]


def opened(definition: str = "settlement_list", items: Sequence[str] = (A, B), version: int = 1) -> ObligationOpened:
    return ObligationOpened.model_validate(facts(definition, items, version) | {"opens_at": NOW, "items": items})


def facts(definition: str, items: Sequence[str], version: int) -> dict[str, object]:
    id_ = obligation_id(definition, "main", "2026-10")
    plan = ObligationPlan(
        definition=definition, title="t", todo="", each="institution", holder="main", period="2026-10", opens_at=NOW,
        due_at=NOW, steps=(), items=tuple(ObligationItem(key=key) for key in items), calendar="c@1", edition="1",
    )  # fmt: skip
    envelope = {"id": UUID(int=version), "cause_id": UUID(int=0), "correlation_id": UUID(int=0), "version": version}
    said = {"occurred_at": NOW, "recorded_at": NOW, "actor": SYSTEM, "obligation_id": id_, "definition": definition}
    counted = {"open": 1, "done": 0, "waived": 0, "due_at": NOW, "calendar": "c@1", "edition": "1", "plan": plan}
    return {**envelope, **said, **counted, "title": "t", "holder": "main", "period": "2026-10"}


def test_occurrences_are_as_they_were_last_planned() -> None:
    changed = ObligationRescheduled.model_validate(facts("settlement_list", (B, C), 5) | {"due_before": NOW})
    assert occurrences([opened(), opened("trainings")]) == (Occurrence(DUTY, "2026-10", frozenset((A, B))),)
    assert occurrences([opened(), changed, opened()]) == (Occurrence(DUTY, "2026-10", frozenset((B, C))),)
    gone = ObligationRescheduled.model_validate(facts("settlement_list", (), 6) | {"due_before": NOW})
    assert occurrences([opened(), changed, gone]) == ()
    bare = changed.model_copy(update={"plan": None, "added": (C,), "removed": (A,)})
    assert occurrences([opened(), bare]) == (Occurrence(DUTY, "2026-10", frozenset((B, C))),)


KNOWN = [Occurrence(DUTY, "2026-10", frozenset((A, B)))]


def test_only_what_is_owed_is_told_and_the_rest_is_named() -> None:
    told = [
        Count(A, "2026-10", "2026-11-09", 1, 2),
        Count(C, "2026-10", "2026-11-09", 1, 2),
        Count(B, "2026-09", "x", 1, 2),
    ]
    [command] = commands(KNOWN, told, NOW)
    assert (command.obligation_id, [i.key for i in command.items]) == (DUTY, [A])
    assert unowed(KNOWN, told) == (B, C)
    assert list(commands(KNOWN, [], NOW)) == []


@given(st.lists(st.tuples(st.integers(1, 28), st.integers(0, 60)), min_size=2, max_size=2))
def test_a_command_has_the_same_id_exactly_when_it_tells_the_same_of_the_same_day(told: list[tuple[int, int]]) -> None:
    said = [
        next(commands(KNOWN, [Count(A, "2026-10", f"2026-11-{day:02}", done, 60)], NOW + timedelta(hours=hours)))
        for hours, (day, done) in enumerate(told)
    ]
    assert (said[0].id == said[1].id) is (told[0] == told[1])


def test_a_holder_of_very_many_institutions_is_told_in_several_commands() -> None:
    many = [f"H620102{n:05}" for n in range(1_200)]
    known = [Occurrence(DUTY, "2026-10", frozenset(many))]
    said = list(commands(known, [Count(key, "2026-10", "2026-11-09", 1, 2) for key in many], NOW))
    assert [len(command.items) for command in said] == [1_000, 200]
    assert {i.key for command in said for i in command.items} == set(many)
    assert len({command.id for command in said}) == 2
