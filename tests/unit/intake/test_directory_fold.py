"""The directory's fold, and the picture in memory that follows from what it says."""

from random import Random
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import NotFound, Refused
from chassis.message import Message
from contracts.directory import (
    Contact,
    DirectorySaved,
    IdentifyRequester,
    Identity,
    Institution,
    RememberSender,
    RemoveEntry,
    RevealAccount,
    SaveEntry,
    ServiceContract,
    StaffMember,
)
from contracts.envelope import Actor, Command, derive_id
from services.intake.directory.cache import NOBODY, Directory
from services.intake.directory.fold import fold
from services.intake.directory.model import Entry, id_of
from services.intake.threads.locating import Who
from tests.chassis.folding import Folder
from tests.support.make import NOON

CODE = "H62010290002"

C = TypeVar("C", bound=Command)


def _locate(entries: Folder[Entry], message: Message) -> UUID:
    return message.body.id if isinstance(message.body, IdentifyRequester) else id_of(message.body)


def _fold(entry: Entry | None, moment: Any) -> Any:
    """Commands to cases end here; the test looks at them in what was said."""
    if isinstance(moment.message.body, IdentifyRequester):
        return Entry("contact", "case", {}, moment.now), []
    return fold(entry, moment)


def directory() -> Folder[Entry]:
    return Folder(_fold, _locate)


def wish(model: type[C], n: object = 0, **facts: Any) -> C:
    return model(id=derive_id("wish", model.__name__, n), occurred_at=NOON, actor=Actor(kind="staff", id="w"), **facts)


def account(name: str, **more: Any) -> Identity:
    return Identity(channel="wechat", key=derive_id("account", name), shown=name, **more)


def wu(*identities: Identity) -> Contact:
    return Contact(id="wu", name="小吴", institution_code=CODE, identities=identities)


def test_an_entry_that_somebody_changed_meanwhile_is_not_overwritten() -> None:
    entries = directory()
    entries.hear(wish(SaveEntry, 1, contact=wu()))
    entries.hear(wish(SaveEntry, 2, contact=wu(account("a")), expected_version=1))
    with pytest.raises(Refused, match="请刷新后再保存") as refused:
        entries.hear(wish(SaveEntry, 3, contact=wu(), expected_version=1))
    assert refused.value.code == "stale"
    with pytest.raises(Refused):
        entries.hear(wish(SaveEntry, 4, contact=wu(), expected_version=0))


def test_a_removed_entry_is_gone_and_may_come_back() -> None:
    entries = directory()
    entries.hear(wish(SaveEntry, 1, contact=wu(account("a"))))
    entries.hear(wish(RemoveEntry, 2, kind="contact", key="wu", expected_version=1))
    [entry] = entries.states.values()
    assert entry.removed and not entry.facts
    with pytest.raises(NotFound):
        entries.hear(wish(RemoveEntry, 3, kind="contact", key="wu"))
    entries.hear(wish(SaveEntry, 4, contact=wu(), expected_version=0))
    assert not next(iter(entries.states.values())).removed


def test_a_number_in_a_name_is_refused_without_repeating_it() -> None:
    with pytest.raises(Refused, match="号码请填在账号") as refused:
        directory().hear(wish(SaveEntry, contact=Contact(id="wu", name="小吴 13912345678")))
    assert "13912345678" not in str(refused.value)


def test_a_contract_that_ends_before_it_begins_is_refused() -> None:
    contract = ServiceContract(id="c", name="合同", begins="2026-12-31", ends="2026-01-01")
    with pytest.raises(Refused, match="早于开始日期"):
        directory().hear(wish(SaveEntry, contract=contract))


def test_an_entry_is_one_of_four_kinds() -> None:
    with pytest.raises(Refused):
        directory().hear(wish(SaveEntry))
    with pytest.raises(Refused):
        directory().hear(wish(SaveEntry, contact=wu(), staff=StaffMember(id="li")))


def test_a_sender_is_remembered_once_and_every_open_case_is_told() -> None:
    entries = directory()
    entries.hear(wish(SaveEntry, contact=wu()))
    cases = (derive_id("case", 1), derive_id("case", 2))
    remember = {"contact": wu(), "identity": account("new"), "case_ids": cases}
    entries.hear(wish(RememberSender, 1, **remember))
    entries.hear(wish(RememberSender, 2, **remember))
    document = entries.documents[id_of(wish(RememberSender, 1, **remember))]
    assert document.state is not None
    assert [i["shown"] for i in document.state.facts["identities"]] == ["new"]
    told = [words for words, _ in document.said if isinstance(words, IdentifyRequester)]
    assert [(t.case_id, t.contact, t.institution_code) for t in told] == [(c, "wu", CODE) for c in cases * 2]
    assert len({t.id for t in told}) == 4


def test_a_reason_is_masked_before_it_is_written_down_for_good() -> None:
    entries = directory()
    entries.hear(wish(SaveEntry, contact=Contact(id="wu", name="小吴", identities=(account("kept", sealed="s"),))))
    asked = {"kind": "contact", "key": "wu", "reason": "回拨 13812345678"}
    [revealed] = entries.hear(wish(RevealAccount, 1, identity=account("kept").key, **asked))
    [removed] = entries.hear(wish(RemoveEntry, 2, **asked))
    assert {said.model_dump()["reason"] for said in (revealed, removed)} == {"回拨 138****5678"}


def test_only_an_account_that_is_kept_can_be_revealed() -> None:
    entries = directory()
    entries.hear(wish(SaveEntry, contact=wu(account("open"), account("kept", sealed="c2VhbGVk"))))
    reveal = {"kind": "contact", "key": "wu", "reason": "需要回电"}
    [said] = entries.hear(wish(RevealAccount, 1, identity=account("kept").key, **reveal))
    assert said.type == "directory.revealed"
    with pytest.raises(NotFound, match="只有电话和邮箱"):
        entries.hear(wish(RevealAccount, 2, identity=account("open").key, **reveal))


def test_everybody_is_known_by_account_name_and_contract() -> None:
    book = Directory()
    entries = directory()
    hospital = Institution(code=CODE, name="市第二人民医院", aliases=("市 二院",))
    held: dict[str, Any] = {"institution_codes": (CODE,), "begins": "2026-01-01"}
    old = ServiceContract(id="old", name="旧", ends="2026-06-30", **held)
    new = ServiceContract(id="new", name="新", ends="2026-12-31", **held)
    staff = StaffMember(id="li", identities=(account("li"),))
    contact = wu(account("wu"))
    saved: list[dict[str, Any]] = [
        {"institution": hospital}, {"contact": contact}, {"contract": old}, {"contract": new}, {"staff": staff},
    ]  # fmt: skip
    for event in entries.hear(*(wish(SaveEntry, n, **facts) for n, facts in enumerate(saved))):
        book.hear(event)
    assert book.who(account("wu").key) == Who("wu", CODE)
    assert book.who(account("li").key).staff and book.staff_with(account("li").key) == staff
    assert book.who(account("stranger").key) is NOBODY
    assert book.institution_named("市二院") == book.institution(CODE) == hospital
    assert [c.id for c in book.contracts_of(CODE, "2026-06-30")] == ["old", "new"]
    assert [c.id for c in book.contracts_of(CODE, "2026-07-01")] == ["new"]


_steps = st.lists(st.tuples(st.sampled_from(["wu", "xu"]), st.frozensets(st.sampled_from("abc"))), max_size=12)


@given(_steps, st.randoms(use_true_random=False))
def test_an_event_that_comes_again_late_changes_nothing(
    steps: list[tuple[str, frozenset[str]]], chance: Random
) -> None:
    entries, book, events = directory(), Directory(), []
    for n, (id_, names) in enumerate(steps):
        if names:
            contact = Contact(id=id_, identities=tuple(account(f"{id_}-{x}") for x in sorted(names)))
            events += entries.hear(wish(SaveEntry, n, contact=contact))
        elif any(e.key == id_ and not e.removed for e in entries.states.values()):
            events += entries.hear(wish(RemoveEntry, n, kind="contact", key=id_))
    for n, event in enumerate(events):
        book.hear(event)
        book.hear(chance.choice(events[: n + 1]))
    for id_ in ("wu", "xu"):
        last = next((e for e in reversed(events) if getattr(e, "key", "") == id_), None)
        kept = last.contact if isinstance(last, DirectorySaved) else None
        assert book.contact(id_) == kept
        has = {i.key for i in kept.identities} if kept else set()
        assert {k for k in (account(f"{id_}-{x}").key for x in "abc") if book.who(k) != NOBODY} == has


def test_blanks_are_no_reason() -> None:
    entries = directory()
    entries.hear(wish(SaveEntry, 1, contact=wu(account("a", sealed="x"))))
    facts = {"kind": "contact", "key": "wu", "reason": "     "}
    with pytest.raises(Refused, match="理由"):
        entries.hear(wish(RevealAccount, 2, identity=derive_id("account", "a"), **facts))
    with pytest.raises(Refused, match="理由"):
        entries.hear(wish(RemoveEntry, 3, **facts))
