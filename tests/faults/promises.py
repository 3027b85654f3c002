"""What 10,000 clocks have to say when nobody answers, and the count of what they have said."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from chassis.replay import replay
from tests.support.desk import Desk
from tests.support.traces import Json

CLOCKS = ("first_response", "resolution")
THRESHOLDS = ("15%", "100%")
SAID = ("sla.started", "sla.warned", "sla.breached")
SPREAD_S = 2  # more in a second than sla handles, so that it is always at work when it is killed
# So far between warning and deadline: of thresholds that pass while nobody looks only the last is said.
POLICY = """\
- name: 演习
  first_response: {within: 110s, thresholds: {15%: [assignee], 100%: [assignee, lead]}}
  resolution: {within: 111s, thresholds: {15%: [assignee], 100%: [assignee, lead]}}
"""


async def events(desk: Desk, stream: str) -> list[Json]:
    return [msgspec.json.decode(stored.body) async for stored in replay(desk.js, stream)]


async def stored(desk: Desk, stream: str, subjects: str) -> int:
    """How many messages on these subjects the stream holds."""
    return sum(((await desk.js.stream_info(stream, subjects_filter=subjects)).state.subjects or {}).values())


def said_once_each(cases: Sequence[Json], said: Sequence[Json]) -> None:
    """Every clock of every case started, warned and breached, each in one event, and nothing else was said."""
    wanted = {(c["case_id"], clock, type_) for c in cases for clock in CLOCKS for type_ in SAID}
    counted = Counter((e["case_id"], e["clock"], e["type"]) for e in said)
    assert not (lost := wanted - counted.keys()), f"{len(lost)} lost, for example {min(lost)}"
    assert not (doubled := {k: n for k, n in counted.items() if n > 1}), f"{len(doubled)} doubled"
    assert counted.keys() == wanted
    assert {e["cycle"] for e in said} == {1}
    assert {(e["type"], e["threshold"]) for e in said if "threshold" in e} == {
        ("sla.warned", THRESHOLDS[0]), ("sla.breached", THRESHOLDS[1]),
    }  # fmt: skip


def stored_as_said(documents: Sequence[Json], said: Sequence[Json]) -> None:
    """The documents have said what the stream holds, event by event, and wait for nothing more."""
    stream: dict[str, set[str]] = {}
    for event in said:
        stream.setdefault(event["case_id"], set()).add(event["id"])
    assert {str(d["_id"]): {msgspec.json.decode(e)["id"] for e in d["history"]} for d in documents} == stream
    for document in documents:
        clocks = document["state"]["clocks"]
        assert [c["clock"] for c in clocks] == list(CLOCKS)
        assert [[r["label"] for r in c["reached"]] for c in clocks] == [list(THRESHOLDS)] * len(CLOCKS)
        assert all(c["warned"] and c["breached"] and c["next_at"] is None for c in clocks)
        assert document["state"].get("next_at") is None
