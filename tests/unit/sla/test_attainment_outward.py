"""Attainment for a hospital: the cases that it asked, under its own name, and nothing of how the desk works."""

from io import BytesIO

import pytest
from msgspec.structs import replace
from openpyxl import load_workbook

from chassis.token import Principal
from services.sla.attainment.asked import Asked, Filters, asked
from services.sla.attainment.outward import ForColleagues, check_names, outward
from services.sla.attainment.report import Report, report
from services.sla.attainment.row import Row
from services.sla.attainment.tally import DIMENSIONS, Sums
from services.sla.attainment.workbook import workbook
from tests.unit.sla.events import at, book
from tests.unit.sla.test_attainment_sums import ROW, known

A, B = "H62010200001", "H62020200002"
ABOUT_B = replace(ROW, institution=B)
INWARD = {"category", "priority", "engineer", "policy", "edition"}


def wish(who: Principal | None, **filters: str) -> Asked:
    return asked("2026-11", None, at(0), Filters(**filters), who)


def hospital(code: str) -> Principal:
    return Principal("yiyuan", "hospital", institutions=(code,))


def reported(question: Asked, *rows: Row) -> Report:
    sums = Sums([("institution",), ("clock",)])
    for row in rows:
        sums.add(row)
    return report(question, sums, known(), book(), [])


def test_a_hospital_has_what_it_asked_whomever_it_is_about_and_an_officer_what_is_about_his_district() -> None:
    officer = Principal("qu", "officer", districts=("6202",))
    for asked_from, who, seen in ((A, A, True), (A, B, False), (B, B, True), (None, A, False)):
        assert (wish(hospital(who)).given(ABOUT_B, asked_from) is not None) == seen
    assert wish(hospital("")).given(replace(ROW, institution=None), None) is None
    assert wish(officer).given(ABOUT_B, A) == ABOUT_B and wish(officer).given(ROW, B) is None
    assert wish(None).given(ROW, None) == ROW


def test_what_it_asked_about_another_stands_under_its_own_name_and_no_filter_finds_out_about_whom() -> None:
    seen = wish(hospital(A)).given(ABOUT_B, A)
    assert seen is not None and (seen.institution, seen.contract) == (A, None)
    assert wish(hospital(A), institution=B).given(ABOUT_B, A) is None
    assert wish(hospital(A), contract="ht-1").given(ABOUT_B, A) is None
    assert outward(ROW, A).contract == "ht-1"


def test_a_hospital_reads_nothing_of_how_the_desk_works_in_rows_or_sheets() -> None:
    row = outward(replace(ROW, engineer="王芳", category="拨付", policy="甲类", edition="e1", calendar="大厅@1"), A)
    told = workbook(reported(wish(hospital(A)), row), [row], [], known().name, outward=True)
    sheets = load_workbook(BytesIO(told))
    words = {
        str(cell) for sheet in sheets if sheet.title != "口径说明" for line in sheet.values for cell in line if cell
    }
    assert {"YB-1", "达成"} <= words
    assert not words & {"王芳", "拨付", "普通", "甲类", "e1", "大厅@1", "工程师", "类别", "优先级", "政策", "营业日历"}
    assert not {"按工程师", "按类别"} & set(sheets.sheetnames)


@pytest.mark.parametrize("name", DIMENSIONS)
def test_a_hospital_is_told_by_what_it_may_not_ask(name: str) -> None:
    check_names(Principal("zhao", "lead"), [name])
    if name not in INWARD:
        check_names(hospital(A), [name])
        return
    with pytest.raises(ForColleagues, match=f"不能按 {name} 筛选或分组") as refused:
        check_names(hospital(A), [name])
    assert (refused.value.status, refused.value.code) == (400, "not_for_hospitals")
