"""The audit: a note is kept as it was said, once, in whatever order notes come."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refused
from contracts.audit import Act, ActNoted
from contracts.envelope import Actor, derive_id
from contracts.identity import EnableAccount
from services.console.audit.api import _line, wanted
from services.console.audit.fold import TITLES, Note, fold
from services.console.audit.store import Wanted
from tests.chassis.folding import Folder, shuffled
from tests.support.make import NOON

ACTS = get_args(Act)


def folder() -> Folder[Note]:
    return Folder(fold, lambda _, message: message.body.id)  # type: ignore[attr-defined]


def note(n: int) -> ActNoted:
    id_, at = derive_id("note", n), NOON + timedelta(minutes=n)
    return ActNoted.model_validate({
        "id": id_, "cause_id": id_, "correlation_id": id_, "version": 1, "occurred_at": at, "recorded_at": at,
        "actor": Actor(kind="staff", id=f"staff-{n % 3}", name="李娜"), "act": ACTS[n % len(ACTS)], "service": "intake",
        "object": f"G{n:04}", "institution_code": "H1", "address": "10.0.0.7", "detail": "因核对",
    })  # fmt: skip


NOTES = [note(n) for n in range(12)]


@given(shuffled(NOTES))
def test_notes_are_kept_as_they_were_said_whatever_order_they_come_in(notes: list[ActNoted]) -> None:
    desk = folder()
    assert desk.hear(*notes) == [], "the audit says nothing itself"
    assert len(desk.states) == len(NOTES)
    for said in NOTES:
        kept = desk.states[said.id]
        assert (kept.at, kept.actor, kept.act, kept.object) == (said.occurred_at, said.actor.id, said.act, said.object)
        assert (kept.institution, kept.address, kept.detail) == ("H1", "10.0.0.7", "因核对")


def test_what_is_no_note_is_refused() -> None:
    wish = EnableAccount(id=UUID(int=1), occurred_at=NOON, actor=NOTES[0].actor, account="li.na")
    with pytest.raises(Refused):
        folder().hear(wish)


def test_every_act_has_its_word() -> None:
    assert set(TITLES) == set(ACTS)


def test_days_are_chinas_and_the_last_one_is_whole() -> None:
    asked = wanted(actor=" li.na ", act="exported", since="2026-03-02", until="2026-03-02")
    begins = datetime(2026, 3, 1, 16, tzinfo=UTC)
    assert asked.query == {
        "state.actor": "li.na", "state.act": "exported",
        "state.at": {"$gte": begins, "$lt": begins + timedelta(days=1)},
    }  # fmt: skip
    assert Wanted().query == {}


@given(st.text(max_size=30))
def test_no_cell_begins_with_what_a_spreadsheet_runs(cell: str) -> None:
    assert not _line((cell,)).lstrip('"').startswith(("=", "+", "-", "@", "\t"))
