"""One group of synonyms, one command."""

from datetime import UTC, datetime
from typing import cast

import pytest

from chassis.errors import NotFound, Refused, Stale
from chassis.message import Delivery, Message, Moment
from contracts.envelope import Actor, Command, derive_id
from contracts.vocabulary import RemoveSynonyms, SaveSynonyms
from services.knowledge.vocabulary.fold import Folded, fold
from services.knowledge.vocabulary.model import Group, Neighbours, check_free, tidy

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WANG = Actor(kind="staff", id="wang")
ID = derive_id("group")


def told(group: Group | None, command: Command, around: Neighbours | None = None, version: int = 0) -> Folded:
    message = Message(cast(Delivery, None), command, command.id, command.id, NOON, WANG, hint=around)
    return fold(group, Moment(NOON, message, ID, version))


def save(*words: str, expected: int | None = None) -> SaveSynonyms:
    about = {"id": derive_id("save", *words), "occurred_at": NOON, "actor": WANG}
    return SaveSynonyms.model_validate({**about, "group_id": ID, "words": words, "expected_version": expected})


def remove(expected: int | None = None) -> RemoveSynonyms:
    about = {"id": derive_id("remove"), "occurred_at": NOON, "actor": WANG}
    return RemoveSynonyms.model_validate({**about, "group_id": ID, "expected_version": expected})


def test_a_group_is_saved_changed_removed_and_saved_again() -> None:
    group, said = told(None, save("门特", " 门慢特 ", "门特"))
    assert group.words == ("门特", "门慢特") and said[0].type == "vocabulary.saved"
    group, _ = told(group, save("门特", "门诊慢特病", expected=1), version=1)
    group, said = told(group, remove(expected=2), version=2)
    assert group.removed and said[0].type == "vocabulary.removed"
    group, _ = told(group, save("门特", "慢特病", expected=0), version=3)
    assert not group.removed and group.words == ("门特", "慢特病")


def test_saving_the_same_words_says_nothing() -> None:
    group, _ = told(None, save("门特", "门慢特"))
    assert told(group, save("门特", "门慢特"), version=1) == (group, [])


def test_whoever_was_slower_is_told() -> None:
    group, _ = told(None, save("门特", "门慢特"))
    with pytest.raises(Stale):
        told(group, save("门特", "特病", expected=0), version=1)
    with pytest.raises(Stale):
        told(group, remove(expected=3), version=1)


def test_a_word_of_another_group_is_refused_whatever_its_width() -> None:
    with pytest.raises(Refused, match="「ＤＲＧ」已在「分组」一组"):
        told(None, save("ＤＲＧ", "分组付费"), Neighbours(taken={"drg": "分组"}))


def test_only_what_is_there_or_ships_can_be_removed() -> None:
    with pytest.raises(NotFound):
        told(None, remove())
    group, said = told(None, remove(expected=0), Neighbours(shipped=("冲正", "冲正交易")))
    assert group.removed and len(said) == 1
    with pytest.raises(NotFound):
        told(group, remove(), Neighbours(shipped=("冲正", "冲正交易")), version=1)


@pytest.mark.parametrize(
    "words", [("门特",), ("DRG", "ｄｒｇ"), ("甲", "乙类"), ("门特", "电话13812345678"), ("好" * 41, "门特")]
)
def test_what_is_no_group_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        tidy(words)


def test_words_of_no_other_group_are_free() -> None:
    check_free(("门特", "门慢特"), {"冲正": "冲正"})
