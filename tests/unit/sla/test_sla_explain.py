"""The account of a clock: every second is in one span, and what counted is what the promise is measured by."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendars.book import CalendarBook
from services.sla.contracts import Contracts
from services.sla.explain import accounts
from services.sla.fold import SlaFold
from tests.chassis.folding import Folder
from tests.unit.sla.events import CASE, STANDARD, at, book, edition
from tests.unit.sla.test_sla_fold import lives

DESK = CalendarBook.load().current("desk")
BOOK = book(edition({**STANDARD, "calendar": "desk"}, desk=DESK))


@given(lives(), st.integers(0, 3_000))
def test_every_second_is_accounted_for(life: list[object], minutes: int) -> None:
    folder = Folder(SlaFold(BOOK, Contracts()), lambda _, message: message.body.case_id)  # type: ignore[attr-defined]
    folder.hear(*life)  # type: ignore[arg-type]
    now = at(200 + minutes)
    for account in accounts(folder.states[CASE], BOOK, now):
        clock, spans = account.clock, account.spans
        assert [s.since for s in spans[1:]] == [s.until for s in spans[:-1]]
        assert spans[0].since == clock.started_at
        assert spans[-1].until == (clock.ended_at or max(now, clock.segments[-1].since))
        wall = (spans[-1].until - clock.started_at).total_seconds()
        assert sum(s.wall_s for s in spans) == pytest.approx(wall) == pytest.approx(account.wall_s)
        assert all(0 <= s.counted_s <= s.wall_s for s in spans)
        assert all(s.counted_s == 0 for s in spans if not s.running)
        for span in spans:
            moments = [moment for piece in span.openings for moment in piece]
            assert moments == sorted({*moments}) and all(span.since <= m <= span.until for m in moments)
            if span.running:
                assert span.counted_s == DESK.between(span.since, span.until).total_seconds()
        if clock.state == "running":
            assert (account.left_s <= 0) == (now >= clock.due_at)
            if account.left_s > 0:
                assert DESK.after(now, timedelta(seconds=account.left_s)) == clock.due_at
