"""A definition comes into force by three people, one step after the other, and its text never changes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from chassis.message import Message, Moment
from chassis.store import Document
from contracts import definition as said
from contracts.definition import DefinitionCommand
from contracts.envelope import Actor, derive_id
from services.stats.definitions.book import Book
from services.stats.definitions.definition import read, shipped, source
from services.stats.definitions.differing import differences
from services.stats.definitions.fold import MOST_BYTES, fold
from services.stats.definitions.model import Agreement, Version
from tests.unit.stats.test_stats_fold import Delivered

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
REPORT = "settlement_summary"
SOURCE, SQL = source(REPORT)
STEPS = (said.ConfirmDefinition, said.ApproveDefinition, said.EnforceDefinition)


class Desk:
    def __init__(self) -> None:
        self.agreement: Agreement | None = None
        self.types: list[str] = []

    def hear(self, model: type[DefinitionCommand], by: str, **facts: object) -> None:
        id_ = derive_id(model, by, len(self.types), repr(facts))
        body = model.model_validate(
            {"id": id_, "occurred_at": NOW, "actor": Actor(kind="staff", id=by), "report": REPORT, **facts}
        )
        message = Message(Delivered(), body, id_, id_, NOW, body.actor)
        self.agreement, events = fold(self.agreement, Moment(NOW, message, id_, len(self.types)))
        self.types += [e.type for e in events]

    def draft(self, by: str = "zhao", sql: str = SQL) -> str:
        self.hear(said.DraftDefinition, by, source=SOURCE, sql=sql)
        return read(SOURCE, sql).hash

    def enforce(self, hash_: str) -> None:
        self.hear(said.ConfirmDefinition, "qian", hash=hash_, department="基金财务科")
        self.hear(said.ApproveDefinition, "sun", hash=hash_)
        self.hear(said.EnforceDefinition, "sun", hash=hash_)


def test_three_people_bring_a_definition_into_force() -> None:
    desk = Desk()
    desk.enforce(desk.draft())
    assert desk.types == [f"definition.{w}" for w in ("drafted", "confirmed", "approved", "enforced")]
    assert desk.agreement is not None and desk.agreement.in_force is not None
    version = desk.agreement.in_force
    assert (version.drafted_by, version.confirmed_by, version.approved_by) == ("zhao", "qian", "sun")


@pytest.mark.parametrize("who", ["zhao", "qian"])
def test_nobody_approves_what_he_drafted_or_confirmed(who: str) -> None:
    desk = Desk()
    hash_ = desk.draft()
    desk.hear(said.ConfirmDefinition, "qian", hash=hash_, department="基金财务科")
    with pytest.raises(Refused, match=r"另一位|高级分析师"):
        desk.hear(said.ApproveDefinition, who, hash=hash_)


def test_a_new_version_in_force_retires_the_one_before() -> None:
    desk = Desk()
    old = desk.draft()
    desk.enforce(old)
    new = desk.draft(sql=SQL + "-- revised\n")
    desk.enforce(new)
    assert desk.agreement is not None
    assert [v.status for v in desk.agreement.versions] == ["retired", "in_force"]


def test_the_same_text_is_no_new_version_and_another_reports_text_is_refused() -> None:
    desk = Desk()
    desk.draft()
    with pytest.raises(Refused, match="没有任何改动"):
        desk.draft("qian")
    with pytest.raises(Refused, match="不是"):
        desk.hear(said.DraftDefinition, "zhao", report="another_report", source=SOURCE, sql=SQL + " ")
    with pytest.raises(NotFound):
        desk.hear(said.RetireDefinition, "zhao", hash="0" * 64, note="不再使用")


@pytest.mark.parametrize(
    "text",
    ["filters: &a [x]\nconstraints: *a", "[" * 5_000, "a: 2026-13-45", "a: !!int " + "9" * 5_000, "- x", "",
     "!!python/object/apply:os.system ['id']", "a: \x00", "a: \ud800"],
)  # fmt: skip
def test_a_text_that_is_no_definition_is_refused_at_once(text: str) -> None:
    with pytest.raises(Refused, match="YAML"):
        fold(None, drafting(text))


def test_a_name_of_the_system_is_no_report() -> None:
    text = SOURCE.replace(f"id: {REPORT}", "id: reconciliation")
    with pytest.raises(Refused, match="保留"):
        fold(None, drafting(text, "reconciliation"))


def test_the_versions_of_a_report_stay_within_what_one_document_holds() -> None:
    desk, comment = Desk(), "-- " + "报" * 90_000
    with pytest.raises(Refused, match="MB"):
        for n in range(100):
            desk.draft(sql=f"{comment}{n}\n{SQL}")
    assert desk.agreement is not None
    assert sum(len(v.sql.encode()) for v in desk.agreement.versions) < MOST_BYTES


def drafting(text: str, report: str = REPORT) -> Moment:
    id_, zhao = derive_id("draft"), Actor(kind="staff", id="zhao")
    body = said.DraftDefinition.model_construct(
        id=id_, occurred_at=NOW, actor=zhao, report=report, source=text, sql=SQL, note=""
    )
    return Moment(NOW, Message(Delivered(), body, id_, id_, NOW, zhao), id_, 0)


@given(st.lists(st.tuples(st.sampled_from([*STEPS, said.ReturnDefinition, said.RetireDefinition]), st.integers(0, 1),
                          st.sampled_from(["zhao", "qian", "sun"])), max_size=14))  # fmt: skip
def test_whatever_is_tried_at_most_one_version_is_in_force_and_three_people_stand_behind_it(
    tries: list[tuple[type[DefinitionCommand], int, str]],
) -> None:
    desk = Desk()
    hashes = [desk.draft(), desk.draft(sql=SQL + "-- b\n")]
    for model, which, by in tries:
        try:
            desk.hear(model, by, hash=hashes[which], note="理由充分", department="科室")
        except Refused:
            continue
    assert desk.agreement is not None
    in_force = [v for v in desk.agreement.versions if v.status == "in_force"]
    assert len(in_force) <= 1
    for version in in_force:
        assert len({version.drafted_by, version.confirmed_by, version.approved_by}) == 3


class Stored:
    """One stored agreement in place of the database."""

    def __init__(self, source: str) -> None:
        version = Version("0" * 64, "t", source, SQL, "in_force", "zhao")
        self.document = Document(derive_id("definition", REPORT), Agreement(REPORT, (version,)), 1)

    async def all(self) -> list[Document[Agreement]]:
        return [self.document]

    async def find(self, report: str) -> Document[Agreement] | None:
        return self.document if report == REPORT else None


async def test_a_stored_definition_that_cannot_be_read_takes_away_its_own_report_only() -> None:
    book = Book(Stored("id: [of another version"))  # type: ignore[arg-type]
    standing = await book.standing()
    assert REPORT not in standing
    assert len(standing) == len(shipped()) - 1
    assert await book.hashes(REPORT) == ("", ("0" * 64,))
    own = await Book(Stored(SOURCE.replace("unit: 元", "unit: 万元"))).find(REPORT)  # type: ignore[arg-type]
    assert own is not None
    assert (own.origin, own.definition.unit) == ("desk", "万元")


def test_a_difference_names_the_fields_in_chinese_and_shows_the_lines() -> None:
    before = read(SOURCE, SQL)
    after = read(SOURCE.replace("unit: 元", "unit: 万元"), SQL + "-- revised\n")
    found = differences(before, after)
    assert [f["name"] for f in found["fields"]] == ["单位"]
    assert "+-- revised" in found["sql"]
    assert differences(before, before) == {"fields": [], "sql": []}


def test_every_shipped_definition_has_a_hash_of_its_own_and_says_all_that_is_agreed_on() -> None:
    found = shipped()
    assert len({d.hash for d in found.values()}) == len(found)
    for definition in found.values():
        assert definition.purpose and definition.owner and definition.filters and definition.grain, definition.id
        assert definition.checks, definition.id
