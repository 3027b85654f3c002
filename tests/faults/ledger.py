"""The count after the faults: nothing lost, nothing doubled, in the streams and in the documents."""

from collections import Counter
from collections.abc import Iterable, Sequence

from contracts.channel import ChannelMessage
from tests.support.traces import Json

OUTCOMES = ("case.opened", "case.message_added", "case.message_repeated")


def one_outcome_each(messages: Sequence[ChannelMessage], events: Iterable[Json]) -> None:
    """Every message is in the CASE stream exactly once; so is every event, and no case's version is missing."""
    sent = {m.message_id for m in messages}
    ours = [e for e in events if e["type"] in OUTCOMES and e["message_id"] in sent]
    outcomes = Counter(e["message_id"] for e in ours)
    assert not (lost := sent - outcomes.keys()), f"{len(lost)} lost, for example {min(lost)}"
    assert not (doubled := {m: n for m, n in outcomes.items() if n > 1}), f"{len(doubled)} doubled"
    no_gap(ours)
    opened = Counter(e["conversation_id"] for e in ours if e["type"] == "case.opened")
    assert opened == Counter({m.conversation_id for m in messages})


def no_gap(events: Sequence[Json]) -> None:
    assert len({e["id"] for e in events}) == len(events), "an event is stored twice"
    versions: dict[str, list[int]] = {}
    for event in events:
        versions.setdefault(event["case_id"], []).append(event["version"])
    assert all(sorted(v) == list(range(1, len(v) + 1)) for v in versions.values())


def one_case_each(messages: Sequence[ChannelMessage], cases: Iterable[Json]) -> None:
    """Every message's cause is in exactly one document."""
    causes = Counter(cause for case in cases for cause in case["causes"])
    assert {m.message_id: causes[m.cause_id] for m in messages if causes[m.cause_id] != 1} == {}
