"""The table of `yibao sla explain`: what was counted of a weekend, piece by piece."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from rich.console import Console
from typer.testing import CliRunner

from chassis.calendars.book import CalendarBook
from chassis.zone import BEIJING
from services.sla.contracts import Contracts
from services.sla.cycle import Fact
from services.sla.explain import accounts
from services.sla.fold import SlaFold
from services.sla.model import CaseClocks
from tests.unit.sla.events import CASE, STANDARD, book, edition
from yibao.commands.sla import MOST_PIECES, account_table, app

DESK = CalendarBook.load().current("desk")
BOOK = book(edition({**STANDARD, "calendar": "desk"}, desk=DESK))
FRIDAY = datetime(2026, 11, 20, 16, 30, tzinfo=BEIJING)


def shown(until: datetime, reason: str = "") -> list[str]:
    """The lines of the resolution's table at that moment; `reason` is what staff typed about its first segment."""
    case = SlaFold(BOOK, Contracts()).told(CaseClocks(CASE, "YB-1", BOOK.version, facts=(Fact(1, "opened", FRIDAY),)))
    [account] = [a for a in accounts(case, BOOK, until) if a.clock.clock == "resolution"]
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(account))
    told["spans"][0]["reason"] = reason or told["spans"][0]["reason"]
    console = Console(width=160)
    with console.capture() as captured:
        console.print(account_table(told))
    return captured.get().splitlines()


def test_each_piece_of_open_time_has_a_line_of_its_own() -> None:
    lines = shown(FRIDAY + timedelta(days=2, hours=17))
    pieces = [line for line in lines if "营业" in line]
    assert [line.split()[1:3] for line in pieces] == [["11-20", "16:30:00"], ["11-23", "09:00:00"]]
    assert "1:30:00" in pieces[0] and "0:30:00" in pieces[1]
    assert any("65:00:00" in line and "2:00:00" in line for line in lines)


def test_of_a_long_time_the_first_pieces_are_shown_and_the_rest_is_summed_up() -> None:
    pieces = [line for line in shown(FRIDAY + timedelta(days=90)) if "营业" in line]
    assert len(pieces) == MOST_PIECES + 1
    assert "另" in pieces[-1] and "段" in pieces[-1]


def test_words_in_square_brackets_are_shown_as_staff_typed_them() -> None:
    lines = shown(FRIDAY + timedelta(hours=1), reason="等[red]省平台[/red]回复 [/]")
    assert any("等[red]省平台[/red]回复 [/]" in line for line in lines)


@pytest.mark.parametrize("reference", ["", " ", "?limit=1", "counts", "YB-7K3QM", "YB-7K3QM-9XW2P/audit"])
def test_what_is_no_case_number_is_refused_with_an_example(reference: str) -> None:
    ended = CliRunner().invoke(app, ["explain", reference])
    assert ended.exit_code == 2 and "YB-7K3QM-9XW2P" in ended.stderr
