"""Sums of attainment: every cycle counts once, clauses reach their share or do not, sheets say what the sums say."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, get_args
from uuid import UUID

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import ValidationError
from pypdf import PdfReader

from contracts.directory import Clause, DirectoryRemoved, DirectorySaved, Institution, ServiceContract
from contracts.envelope import SYSTEM, derive_id
from services.sla.attainment.agreed import Agreed, Article
from services.sla.attainment.asked import Filters, asked, filters_of
from services.sla.attainment.comparing import differences
from services.sla.attainment.duties import Duty
from services.sla.attainment.printed import printed
from services.sla.attainment.report import Report, report
from services.sla.attainment.row import Digest, Outcome, Row
from services.sla.attainment.tally import DIMENSIONS, SHEETS, By, Sums, Tally, floored
from services.sla.attainment.workbook import workbook
from services.sla.exemptions.model import Decision, Exemption, Wanted
from tests.unit.sla.events import at, book

CONTRACT = ServiceContract(
    id="ht-1", name="市一院运维合同", institution_codes=("H62010200001",), begins="2026-01-01", ends="2026-12-31",
    clauses=(
        Clause(number="3.1", title="首次响应及时率", clock="first_response", share=0.95),
        Clause(number="3.2", title="紧急解决及时率", clock="resolution", share=0.5, priorities=("urgent",)),
        Clause(number="4.1", title="结算清单按期上传", obligation="结算清单", share=1),
    ),
)  # fmt: skip
ROW = Row(
    case_id=UUID(int=1), number="YB-1", clock="first_response", cycle=1, policy="标准", edition=book().version,
    calendar="24x7@24x7", contract="ht-1", institution="H62010200001", category="拨付", priority="normal",
    engineer="wang", started_at=at(0), due_at=at(10), ended_at=at(3), within_s=600.0, counted_s=180.0,
    exempted_s=0.0, outcome="kept",
)  # fmt: skip


@st.composite
def some_rows(draw: st.DrawFn) -> list[Row]:
    parts = {
        "clock": st.sampled_from(["first_response", "resolution"]),
        "contract": st.sampled_from(["ht-1", None]),
        "institution": st.sampled_from(["H62010200001", "P62010200009", None]),
        "category": st.sampled_from(["拨付", "月结"]),
        "priority": st.sampled_from(["urgent", "normal"]),
        "engineer": st.sampled_from(["wang", "=1+1", None]),
        "started_at": st.integers(0, 60).map(lambda day: at(0) + timedelta(days=day)),
        "outcome": st.sampled_from(get_args(Outcome)),
    }
    found = draw(st.lists(st.fixed_dictionaries(parts), max_size=30))
    return [replace(ROW, case_id=UUID(int=n), **facts) for n, facts in enumerate(found)]


def known(*events: DirectorySaved | DirectoryRemoved) -> Agreed:
    agreed = Agreed()
    for event in events:
        agreed.hear(event)
    return agreed


def saved(version: int = 1, minute: float = -60, contract: ServiceContract = CONTRACT) -> DirectorySaved:
    return DirectorySaved(**_stamp(version, minute), kind="contract", key=contract.id, contract=contract)


def _stamp(version: int, minute: float) -> dict[str, Any]:
    ids = {"id": derive_id(version), "cause_id": derive_id(0), "correlation_id": derive_id(0), "actor": SYSTEM}
    return {**ids, "version": version, "occurred_at": at(minute), "recorded_at": at(minute)}


def summed(rows: list[Row], *groupings: tuple[By, ...], duties: Sequence[Duty] = ()) -> Sums:
    sums = Sums(groupings, [Article(CONTRACT, clause) for clause in CONTRACT.clauses], duties)
    for row in rows:
        sums.add(row)
    return sums


def reported(
    rows: list[Row], *exemptions: Exemption, duties: Sequence[Duty] = (), first: str = "2026-11",
    filters: Filters = Filters(),
) -> Report:  # fmt: skip
    agreed = known(saved())
    agreed.hear(
        DirectorySaved(
            **_stamp(1, -60), kind="institution", key="H62010200001",
            institution=Institution(code="H62010200001", name="市第一人民医院"),
        )
    )  # fmt: skip
    wish = asked(first, "2027-01", at(9000), filters)
    return report(wish, summed(rows, *SHEETS, duties=duties), agreed, book(), exemptions)


def duty(n: int, outcome: Outcome = "kept", holder: str = "ht-1") -> Duty:
    return Duty(
        holder, "结算清单", "2026-10", f"H{n}", "结算清单上传", "市一院运维合同", f"{n} 院", at(60), at(30), outcome
    )


@given(some_rows(), st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=3), st.randoms())
def test_every_cycle_counts_once_in_whatever_order_it_comes(rows: list[Row], by: list[By], chance: Any) -> None:
    sums = summed(rows, tuple(by))
    groups = [tally for _, tally in sums.sorted(by)]
    assert sum(tally.cycles for tally in groups) == sums.total.cycles == len(rows)
    for outcome in get_args(Outcome):
        assert sum(getattr(tally, outcome) for tally in groups) == sum(row.outcome == outcome for row in rows)
    mixed = list(rows)
    chance.shuffle(mixed)
    again = summed(mixed, tuple(by))
    assert (again.sorted(by), again.clauses, again.digest) == (sums.sorted(by), sums.clauses, sums.digest)


@pytest.mark.parametrize(
    ("kept", "late", "share", "verdict"),
    [
        (19, 1, 0.95, "达标"),
        (18, 1, 0.95, "未达标"),
        (0, 0, 0.95, "无数据"),
        (0, 3, 0.0, "达标"),
        (2, 1, 0.67, "未达标"),
    ],
)
def test_a_clause_is_reached_by_its_share(kept: int, late: int, share: float, verdict: str) -> None:
    assert Tally(kept=kept, late=late, exempted=9, open=9, void=9).verdict(share) == verdict


def test_a_clause_counts_what_it_is_about_and_nothing_else() -> None:
    rows = [
        ROW,
        replace(ROW, contract=None),
        replace(ROW, contract="ht-2"),
        replace(ROW, clock="resolution", priority="urgent", outcome="late"),
        replace(ROW, clock="resolution"),
    ]
    first, urgent, duty = summed(rows).clauses
    assert (first, urgent, duty) == (Tally(kept=1), Tally(late=1), Tally())


@pytest.mark.parametrize("holder", ["ht-1", "desk"])
def test_a_clause_about_an_obligation_takes_its_items(holder: str) -> None:
    told = reported([ROW], duties=[*(duty(n, holder=holder) for n in range(3)), duty(3, "late", holder)])
    assert [line.verdict for line in told.clauses] == ["达标", "无数据", "未达标"]
    assert [line.what for line in told.clauses] == ["首次响应", "解决", "结算清单上传"]


@pytest.mark.parametrize(
    "about", [{}, {"clock": "chase", "obligation": "月结"}, {"obligation": "月结", "priorities": ("urgent",)}]
)
def test_a_clause_is_about_one_thing(about: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Clause(number="1", title="t", share=1, **about)


def test_clauses_are_those_that_the_directory_had_at_that_moment() -> None:
    changed = CONTRACT.model_copy(update={"clauses": CONTRACT.clauses[:1]})
    removed = DirectoryRemoved(**_stamp(3, 20), kind="contract", key="ht-1")
    agreed = known(removed, saved(2, 10, changed), saved(1, 0))
    assert [len(agreed.articles(at(m))) for m in (-1, 0, 9, 10, 19, 20)] == [0, 3, 3, 1, 1, 0]
    [first, *_] = agreed.articles(at(5))
    spans = [("2025-11", "2025-12"), ("2025-12", "2026-01"), ("2026-12", "2027-01"), ("2027-01", "2027-02")]
    assert [first.in_force(*span) for span in spans] == [False, True, True, False]


@pytest.mark.parametrize(
    ("month", "until", "why"),
    [("2026-13", None, "请写成"), ("11", None, "请写成"), ("2026-11-01", None, "请写成"),
     ("2026-11", "2026-10", "早于"), ("2020-01", "2026-01", "最多 24"), ("9999-01", None, "2000 至 2100")],
)  # fmt: skip
def test_months_that_cannot_be_are_refused_in_words(month: str, until: str | None, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        asked(month, until, at(0))


def test_a_month_begins_and_ends_in_beijing() -> None:
    wish = asked("2026-11", "2027-01", at(0))
    assert wish.months == ["2026-11", "2026-12", "2027-01"]
    assert (wish.since, wish.until) == (
        datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2027, 1, 31, 16, tzinfo=UTC),
    )  # fmt: skip


def test_filters_leave_out_what_is_not_so_and_an_empty_one_asks_for_none() -> None:
    def fits(**filters: str) -> bool:
        return asked("2026-11", None, at(0), Filters(**filters)).fits(replace(ROW, contract=None))

    assert fits() and fits(engineer="wang", clock="first_response") and fits(contract="")
    assert not fits(engineer="li") and not fits(contract="ht-1") and not fits(outcome="late")


def test_filters_are_written_as_pairs() -> None:
    assert filters_of(["contract=ht-1", "engineer="]) == Filters(contract="ht-1", engineer="")
    for wrong in ("doctor=li", "contract"):
        with pytest.raises(ValueError, match="请写成"):
            filters_of([wrong])


def test_rows_that_differ_are_named_with_what_differs() -> None:
    stored = [ROW, replace(ROW, cycle=2), replace(ROW, cycle=3)]
    again = [replace(ROW, cycle=4), replace(ROW, cycle=3, outcome="late", counted_s=900.0), ROW]
    found = differences(stored, again)
    assert [(d.row.cycle, d.fields) for d in found] == [(2, []), (3, ["counted_s", "outcome"]), (4, [])]
    assert differences(stored, reversed(stored)) == []
    assert Digest(stored).hex != Digest(again).hex


def exemption() -> Exemption:
    decisions = (Decision("requested", at(0), "wang"), Decision("approved", at(1), "zhao", "属实"))
    return Exemption(
        UUID(int=9), "force_majeure", "机房停电 <断网>", at(0), at(60), Wanted(clocks=("chase",)), decisions
    )


@settings(max_examples=10, deadline=None)
@given(some_rows())
def test_the_workbook_says_what_the_sums_say(rows: list[Row]) -> None:
    told = reported(rows, exemption())
    body = workbook(told, rows, [duty(1)], {"H62010200001": "市第一人民医院"}.get)  # type: ignore[arg-type]
    assert body == workbook(told, rows, [duty(1)], {"H62010200001": "市第一人民医院"}.get)  # type: ignore[arg-type]
    book_ = openpyxl.load_workbook(BytesIO(body))
    assert book_.sheetnames == [
        "条款达成", "按机构", "按类别", "按工程师", "按时限", "按月", "明细", "义务", "免责", "口径说明",
    ]  # fmt: skip
    sheet = book_["按工程师"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_row=sheet.max_row - 2)]
    expected = [[line.name, line.kept, line.late, line.exempted, line.open, line.void, line.cycles]
                for line in (*told.groups["engineer"], replace(told.total, name="合计"))]  # fmt: skip
    assert [line[:7] for line in lines] == expected
    assert [line[7] for line in lines[:-1]] == [floored(g.kept, g.late) if g.rate is not None else "—"
                                                for g in told.groups["engineer"]]  # fmt: skip
    assert book_["明细"].max_row == max(5, 5 + len(rows))
    assert all(ws["A4"].value == f"校验码: {told.digest}" and ws.freeze_panes == "A6" for ws in book_)
    assert book_["免责"]["D6"].value == "机房停电 <断网>"


def test_the_page_says_the_rate_the_verdict_and_the_rules() -> None:
    told = reported([*[replace(ROW, cycle=n) for n in range(19)], replace(ROW, cycle=20, outcome="late")], exemption())
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(printed(told))).pages).replace("\n", "")
    for words in ("95.00%", "达标", "无数据", "市第一人民医院", "口径说明", told.digest[:16], "机房停电 <断网>"):
        assert words in text
