"""The chain: whatever is changed, removed, inserted or reordered is found; a forger with a new chain by the stream."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.chain import chained, hash_of
from services.intake.record.audit import ON_ITS_WAY, Difference, digest_of, verify, witness

BEGIN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
LATER = BEGIN + timedelta(days=1)


def history(n: int) -> tuple[list[str], str]:
    """As the store writes it: `n` events and the hash of the last."""
    return linked(
        {
            "id": f"event-{i}", "type": "case.noted", "recorded_at": (BEGIN + timedelta(minutes=i)).isoformat(),
            "text": f"第 {i} 条",
        }
        for i in range(n)
    )  # fmt: skip


def linked(bodies: Any) -> tuple[list[str], str]:
    texts: list[str] = []
    head = ""
    for body in bodies:
        texts.append(chained(body, head).decode())
        head = hash_of(texts[-1].encode())
    return texts, head


def forged(texts: list[str]) -> tuple[list[str], str]:
    """The whole chain computed anew, as somebody would who knows how."""
    bodies = [msgspec.json.decode(text) for text in texts]
    return linked({k: v for k, v in body.items() if k != "previous"} for body in bodies)


def copies(texts: list[str]) -> dict[str, bytes]:
    return {f"event-{i}": digest_of(text.encode()) for i, text in enumerate(texts)}


@given(st.integers(0, 12))
def test_what_the_store_wrote_is_whole(n: int) -> None:
    texts, head = history(n)
    assert verify(texts, head).ok
    assert witness(texts, copies(texts), BEGIN, LATER) == []


@given(st.data())
def test_one_changed_character_is_found_where_it_is_or_right_behind_it(data: st.DataObject) -> None:
    texts, head = history(data.draw(st.integers(1, 8)))
    at = data.draw(st.integers(0, len(texts) - 1))
    place = data.draw(st.integers(0, len(texts[at]) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda c: c != texts[at][place]))
    texts[at] = texts[at][:place] + other + texts[at][place + 1 :]
    verdict = verify(texts, head)
    assert not verdict.ok and verdict.why
    assert verdict.broken_at in (at, min(at + 1, len(texts) - 1))


@given(st.data())
def test_a_removed_an_inserted_and_a_reordered_event_are_found(data: st.DataObject) -> None:
    texts, head = history(data.draw(st.integers(2, 8)))
    at = data.draw(st.integers(0, len(texts) - 1))
    removed = texts[:at] + texts[at + 1 :]
    assert not verify(removed, head).ok
    assert not verify([*texts[:at], texts[at], *texts[at:]], head).ok
    order = data.draw(st.permutations(range(len(texts))).filter(lambda o: o != sorted(o)))
    broken = verify([texts[i] for i in order], head)
    assert broken.broken_at == next(i for i, j in enumerate(order) if i != j)


def test_the_end_cannot_be_cut_off_and_an_empty_history_not_be_claimed() -> None:
    texts, head = history(4)
    assert verify(texts[:-1], head).broken_at == 2
    assert not verify([], head).ok
    assert not verify(texts, "").ok


def test_a_second_link_inside_of_the_text_does_not_do() -> None:
    texts, head = history(2)
    before = hash_of(texts[0].encode())
    twice = texts[1].replace('"text"', f'"previous":"{"0" * 64}","text"')
    assert not verify([texts[0], twice], hash_of(twice.encode())).ok or before in twice[-80:]
    assert not verify([texts[0], twice], head).ok
    assert not verify([texts[0], texts[1] + " "], hash_of((texts[1] + " ").encode())).ok


@given(st.data())
def test_a_chain_that_was_computed_anew_is_found_by_the_stream_s_copies(data: st.DataObject) -> None:
    texts, _ = history(data.draw(st.integers(2, 8)))
    published = copies(texts)
    at = data.draw(st.integers(0, len(texts) - 1))
    changed, head = forged([*texts[:at], texts[at].replace("第", "改"), *texts[at + 1 :]])
    assert verify(changed, head).ok, "the chain itself cannot tell"
    found = witness(changed, published, BEGIN, LATER)
    assert {d.at for d in found} == set(range(at, len(texts)))
    removed, head = forged(texts[:at] + texts[at + 1 :])
    assert verify(removed, head).ok
    assert Difference(None, f"事件流中有, 工单里没有: 事件 event-{at}") in witness(removed, published, BEGIN, LATER)


@pytest.mark.parametrize("when", [BEGIN - timedelta(days=900), BEGIN + timedelta(minutes=3), LATER + timedelta(days=9)])
def test_an_event_that_was_added_later_is_found_whatever_time_it_claims(when: datetime) -> None:
    texts, _ = history(3)
    forgery = {"id": "forged", "type": "case.noted", "recorded_at": when.isoformat(), "text": "已电话告知"}
    added, head = linked([*(_body(t) for t in texts), forgery])
    assert verify(added, head).ok
    assert [d.at for d in witness(added, copies(texts), BEGIN, LATER)] == [3]


def _body(text: str) -> Any:
    return {k: v for k, v in msgspec.json.decode(text).items() if k != "previous"}


def test_what_is_older_than_the_stream_or_still_on_its_way_is_no_finding() -> None:
    texts, _ = history(4)
    published = copies(texts)
    for old in ("event-0", "event-1"):
        del published[old]
    assert witness(texts, published, BEGIN + timedelta(minutes=2), LATER) == []
    del published["event-3"]
    assert witness(texts, published, BEGIN + timedelta(minutes=2), BEGIN + timedelta(minutes=3) + ON_ITS_WAY) == []
    assert [d.at for d in witness(texts, published, BEGIN + timedelta(minutes=2), LATER)] == [3]
