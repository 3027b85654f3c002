"""What may be asked of attainment, as of when, and which of it judges a clause."""

import asyncio
import re
import shlex
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO, StringIO
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PdfReader
from rich.console import Console

import yibao.attained
from services.sla.attainment import reading as module
from services.sla.attainment.agreed import Article
from services.sla.attainment.asked import Filters, asked, filters_of, moment, shown
from services.sla.attainment.printed import printed
from services.sla.attainment.reading import Reading
from services.sla.attainment.report import report
from services.sla.attainment.row import Row
from services.sla.attainment.tally import SHEETS, Sums, Tally, floored, percent
from services.sla.attainment.words import agreed, rules
from services.sla.exemptions.model import Decision, Exemption, Wanted
from services.sla.exemptions.words import covered
from services.sla.model import CaseClocks
from services.sla.store import Clocks
from tests.unit.sla.events import at, book, edition
from tests.unit.sla.test_attainment_sums import CONTRACT, ROW, duty, known, reported, saved, summed

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
ZONES = st.integers(-14 * 60, 14 * 60)


@given(st.integers(0, 26 * 365 * 86_400 * 1_000_000), ZONES)
def test_a_moment_is_rounded_so_that_what_is_printed_asks_for_the_same(us: int, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    there = (datetime(2000, 1, 2, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(zone)
    found = moment(there.isoformat(), NOW)
    assert found.microsecond % 1000 == 0 and timedelta() <= there - found < timedelta(milliseconds=1)
    assert moment(shown(found), NOW) == found == asked("2026-11", None, there).as_of
    assert moment(shown(found).replace("+", " "), NOW) == found  # as an address that was not quoted arrives


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1", "不可用"), ("nan", "不可用"), ("", "不可用"), ("2026-11-22", "缺少时区"), ("昨天", "不可用"),
        ("2026-11-22T22:00:00.001+08:00", "还没有到"), ("2099-01-01T00:00:00+08:00", "还没有到"),
        ("0001-01-01T00:00:00+08:00", "2000 至 2100"), ("9999-12-31T23:59:59-08:00", "2000 至 2100"),
        ("2300-01-01T00:00:00Z", "2000 至 2100"), ("2026-11-22 22:00", "缺少时区"),
    ],
)  # fmt: skip
def test_a_moment_that_cannot_be_or_is_not_yet_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        moment(text, NOW)


@pytest.mark.parametrize("pair", ["clock=first", "outcome=xx", "priority=foo", "category=nope"])
def test_a_filter_that_no_cycle_can_fit_is_refused_with_what_there_is(pair: str) -> None:
    with pytest.raises(ValueError, match="可用 "):
        filters_of([pair])


def test_without_its_whole_contract_no_clause_is_judged() -> None:
    rows = [ROW, replace(ROW, case_id=UUID(int=2), outcome="late")]
    assert [line.verdict for line in reported(rows).clauses] == ["未达标", "无数据", "无数据"]
    assert len(reported(rows, filters=Filters(contract="ht-1")).clauses) == 3
    for only in (Filters(outcome="kept"), Filters(contract="ht-1", engineer="wang"), Filters(category="")):
        told = reported([ROW], filters=only)
        assert (told.clauses, told.judged) == ((), False)
        page = "".join(page.extract_text() for page in PdfReader(BytesIO(printed(told))).pages)
        assert "已筛选，不列条款" in page.replace("\n", "")


def test_a_contract_has_its_say_after_its_end_where_a_cycle_or_a_duty_of_it_counts() -> None:
    ended = CONTRACT.model_copy(update={"ends": "2026-12-31"})
    [article, *_] = known(saved(contract=ended)).articles(at(0))
    assert not article.in_force("2027-01", "2027-01")
    assert reported([], first="2027-01").clauses == ()
    late = replace(ROW, outcome="late")
    assert [line.verdict for line in reported([late], first="2027-01").clauses] == ["未达标", "无数据", "无数据"]
    found = reported([], first="2027-01", duties=[duty(1, "late")]).clauses
    assert [line.verdict for line in found] == ["无数据", "无数据", "未达标"]


def test_sheets_with_other_verdicts_of_a_duty_have_another_digest() -> None:
    kept, late = (reported([ROW], duties=[duty(1, outcome)]) for outcome in ("kept", "late"))
    assert kept.clauses[2].verdict != late.clauses[2].verdict
    assert kept.digest != late.digest
    assert reported([ROW], duties=[duty(2), duty(1)]).digest == reported([ROW], duties=[duty(1), duty(2)]).digest


@given(st.integers(0, 200_000), st.integers(0, 200_000), st.integers(0, 10_000))
def test_a_rate_that_is_written_down_never_reaches_a_share_that_was_not_reached(
    kept: int, late: int, share: int
) -> None:
    agreed_, verdict = share / 10_000, Tally(kept=kept, late=late).verdict(share / 10_000)
    rate = floored(kept, late)
    if rate is None:
        assert (verdict, percent(kept, late)) == ("无数据", "—")
    else:
        assert (rate >= agreed_) == (verdict == "达标")
        assert percent(kept, late) == f"{rate:.2%}"
        assert (percent(kept, late) == "100.00%") == (late == 0)


def test_a_rate_just_below_its_share_is_not_written_as_if_it_were_reached() -> None:
    assert [percent(968, 51), percent(24_999, 1), percent(0, 0)] == ["94.99%", "99.99%", "—"]
    assert [agreed(share) for share in (0.95, 1, 0.9, 0.99995)] == ["95.00%", "100.00%", "90.00%", "99.995%"]


def test_a_row_is_compared_with_the_clauses_of_its_contract_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_: list[str] = []
    covers = Article.covers

    def noted(self: Article, row: Row) -> bool:
        asked_.append(self.contract.id)
        return covers(self, row)

    monkeypatch.setattr(Article, "covers", noted)
    others = [CONTRACT.model_copy(update={"id": f"ht-{n}"}) for n in range(2, 50)]
    sums = Sums((), [Article(c, clause) for c in (CONTRACT, *others) for clause in c.clauses])
    sums.add(ROW)
    assert asked_ == ["ht-1"]
    assert sums.clauses[0] == Tally(kept=1)


async def test_the_reader_gives_way_within_a_case_and_among_cases_without_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "rows", lambda case, *_: [ROW] * int(case.number))
    turns = 0

    class Stored:
        async def begun(self, *_: object) -> AsyncIterator[CaseClocks]:
            for n in (4_000, *[0] * 1_000):
                yield CaseClocks(UUID(int=n), number=str(n))

    async def beside() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(beside())
    stored = cast(Clocks, Stored())
    reading = Reading(asked("2026-11", None, at(60)), stored, book(), known(), [], [])
    assert len([row async for row in reading.rows()]) == 4_000
    other.cancel()
    assert turns >= 5_000 // module.BREATH


def test_contracts_may_be_learnt_while_a_sheet_is_made() -> None:
    agreed_ = known(saved())

    class Told(dict[int, Any]):
        def items(self) -> Any:
            agreed_.hear(saved(contract=CONTRACT.model_copy(update={"id": "ht-9"})))
            return super().items()

    agreed_._contracts["ht-1"] = Told(agreed_._contracts["ht-1"])
    assert [contract.id for contract in agreed_.contracts(at(0))] == ["ht-1"]
    assert [contract.id for contract in agreed_.contracts(at(0))] == ["ht-1", "ht-9"]


def test_the_command_to_count_anew_is_no_other_command_whatever_a_name_is() -> None:
    name = "x'; touch pwned; '"
    [written] = [text for what, text in rules(reported([ROW], filters=Filters(engineer=name))) if what == "复核方法"]
    words = shlex.split(written.splitlines()[-1])
    assert words[words.index("--only") + 1] == f"engineer={name}"
    assert words[-1] == "--recompute" and ";" not in words


@pytest.mark.parametrize("name", ["市一院[/东]", "市一院[his]", "[/b]", "一院:smile:"])
def test_names_stand_on_the_terminal_as_they_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there = yibao.attained.console
    console = Console(file=StringIO(), width=80, markup=there._markup, emoji=there._emoji, highlight=False)
    monkeypatch.setattr(yibao.attained, "console", console)
    told = reported([replace(ROW, engineer=name)])
    yibao.attained.show(replace(told, clauses=tuple(replace(one, contract_name=name) for one in told.clauses)))
    written = cast(StringIO, console.file).getvalue()
    assert len(re.findall(re.escape(name), written)) == len(told.clauses) + 1
    assert "3.1 首次响应及时率" in written


def test_a_cell_names_so_many_cases_and_says_how_many_there_are() -> None:
    ids = tuple(uuid4() for _ in range(1_000))
    decided = (Decision("requested", at(0), "wang"), Decision("approved", at(1), "zhao"))
    exemption = Exemption(UUID(int=9), "other", "停机", at(0), at(60), Wanted(case_ids=ids), decided)
    text = covered(exemption)
    assert str(ids[0]) in text and text.endswith("等 1000 个") and len(text) < 1_000
    assert [line.name for line in reported([ROW]).groups[",".join(SHEETS[2])]] == ["wang"]


def test_an_edition_that_held_twice_is_named_once() -> None:
    other = {"name": "短", "first_response": {"within": "3m", "thresholds": {"100%": []}}}
    held = book(edition(), edition(other, since=at(5)), edition(since=at(9)))
    told = report(asked("2026-11", None, at(60)), summed([ROW]), known(), held, [])
    assert [(used.version, used.since) for used in told.editions] == [(ROW.edition, held.editions[0].since)]
