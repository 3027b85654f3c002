"""Entries of the directory as forms and back, contracts in force, an institution's lines of a counted report."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from contracts.case import Category
from contracts.directory import Contact, Institution, ServiceContract, StaffMember
from contracts.sla import CLOCK_NAMES
from services.console.pages.institutions import editing, view

WORD = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)
Entries = st.SearchStrategy[dict[str, Any]]
MODELS: dict[str, type[BaseModel]] = {
    "institution": Institution,
    "contact": Contact,
    "contract": ServiceContract,
    "staff": StaffMember,
}


def form_of(kind: str, entry: dict[str, Any]) -> dict[str, str]:
    """What a browser sends of the form as it is shown."""
    form = {field.name: value for field, value in editing.shown(kind, entry) if value or field.kind != "flag"}
    for n, clause in enumerate(editing.clauses(entry) if kind == "contract" else (), 1):
        form |= {f"c{n}-{name}": clause[name] or "" for name in editing.CLAUSE}
    return form


INSTITUTIONS: Entries = st.builds(
    dict,
    name=WORD,
    aliases=st.lists(WORD, max_size=3, unique=True),
    level=WORD,
    admdvs=st.just("620102"),
    his_vendor=WORD,
)
STAFF: Entries = st.builds(
    dict, name=WORD, place=st.sampled_from(["remote", "resident"]), lead=st.booleans(), most=st.integers(1, 99),
    skills=st.lists(st.sampled_from(["培训", "结算支付"]), unique=True), posted_at=st.just([]),
)  # fmt: skip
CLAUSES = st.builds(
    lambda number, title, clock, share: {
        "number": number, "title": title, "clock": clock, "share": share / 1000,
        "obligation": "" if clock else "trainings",
    },
    WORD, WORD, st.sampled_from([None, *CLOCK_NAMES]), st.integers(0, 1000),
)  # fmt: skip
AGREED: Entries = st.builds(
    dict, name=WORD, institution_codes=st.just(["H62010200001"]), begins=st.just("2026-01-01"),
    ends=st.just("2026-12-31"), policy=st.just(""), trainings=st.integers(0, 50),
    clauses=st.lists(CLAUSES, max_size=4, unique_by=lambda clause: clause["number"]),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "entries"), [("institution", INSTITUTIONS), ("staff", STAFF), ("contract", AGREED)])
def test_a_form_gives_back_the_entry_that_it_shows(kind: str, entries: Entries) -> None:
    named = {"code": "H62010200001"} if kind == "institution" else {"id": "x"}

    @given(entries)
    def same(entry: dict[str, Any]) -> None:
        back = editing.asked(kind, form_of(kind, entry), entry)
        for name in ("identities", "accounts"):
            back.pop(name, None)
        assert MODELS[kind].model_validate({**back, **named}) == MODELS[kind].model_validate({**entry, **named})

    same()


def test_a_clause_keeps_what_the_form_does_not_show() -> None:
    kept: Category = "结算支付"
    clause = {"number": "1", "title": "响应", "clock": "first_response", "obligation": "", "share": 0.95}
    entry = {
        "name": "合同",
        "begins": "2026-01-01",
        "ends": "2026-12-31",
        "clauses": [{**clause, "categories": [kept]}],
    }
    assert editing.asked("contract", form_of("contract", entry), entry)["clauses"][0]["categories"] == [kept]


def test_accounts_are_added_and_dropped() -> None:
    had = {"name": "李", "identities": [{"key": "a"}, {"key": "b"}]}
    form = {"name": "李", "drop-a": "yes", "account": "13912345678", "channel": "phone"}
    body = editing.asked("contact", form, had)
    assert body["identities"] == ["b"]
    assert body["accounts"] == [{"channel": "phone", "account": "13912345678"}]


@pytest.mark.parametrize("share", ["nan", "1e999", "九成"])
def test_a_share_that_is_no_number_is_refused(share: str) -> None:
    form = {"name": "合同", "c1-number": "1", "c1-clock": "first_response", "c1-share": share}
    with pytest.raises(ValueError, match=share):
        editing.asked("contract", form, None)


@pytest.mark.parametrize(("count", "begin"), [(0, []), (500, []), (501, [500]), (9_999, [500, 1_000, 1_500])])
def test_only_pages_that_there_are_are_asked_for(count: int, begin: list[int]) -> None:
    assert list(view.offsets(count)) == begin


@pytest.mark.parametrize(
    ("today", "standing"),
    [("2025-12-31", "未开始"), ("2026-01-01", "生效中"), ("2026-12-31", "生效中"), ("2027-01-01", "已到期")],
)
def test_a_contract_is_in_force_on_both_its_days(today: str, standing: str) -> None:
    found = {"begins": "2026-01-01", "ends": "2026-12-31", "institution_codes": ["H1"]}
    assert view.contract(found, date.fromisoformat(today), {})["standing"] == standing


def test_only_the_lines_of_the_institution_are_taken_from_a_report() -> None:
    heads = [{"name": name} for name in ("定点机构编号", "定点机构名称", "指标", "指标值")]
    rows = [{"cells": [code, code, "次均费用", n]} for n, code in enumerate(("H1", "H2", "H1"))]
    assert view.indicators({"heads": heads, "rows": rows}, "H1") == (
        ["指标", "指标值"],
        [["次均费用", 0], ["次均费用", 2]],
    )
    assert view.indicators({"heads": heads[1:], "rows": rows}, "H1") == ([], [])
