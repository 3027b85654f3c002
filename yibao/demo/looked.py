"""Everything that the promises of a day are checked against, read back from intake and sla."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from yibao.demo.day import AnyStep, Do
from yibao.demo.desk import Desk, together
from yibao.demo.line import Fated
from yibao.demo.play import Played
from yibao.demo.terms import kept

Json = dict[str, Any]


class Day(NamedTuple):
    """`case` has the case that a message is in now, `first` the one it was in first, both whole; `audits` are intake's
    words about each case's record, `outages` what it suggested, by id; `terms` are the contract's, of sla."""

    steps: tuple[AnyStep, ...]
    case: Mapping[str, Json]
    first: Mapping[str, Json]
    audits: Mapping[str, Json]
    outages: Mapping[str, Json]
    read: Mapping[str, str]
    message_ids: Mapping[str, str]
    terms: Mapping[str, bool] = MappingProxyType({})

    def done(self, *verbs: str) -> list[Do]:
        """What staff did; a step whose message was lost is missing elsewhere already."""
        return [s for s in self.steps if isinstance(s, Do) and s.do in verbs and s.case in self.case]


async def looked_up(desk: Desk, played: Played, told: Sequence[Fated], cases: Sequence[Json]) -> Day:
    """What the promises are checked against."""
    whole = {case["id"]: case for case in cases}
    holds = {f.line.message_id: whole[f.case["id"]] for f in told if f.case}
    now_in = {name: holds[line.message_id] for name, line in played.said.items() if line.message_id in holds}
    audits = await together(lambda case: desk.get("intake", f"/cases/{case['id']}/audit"), cases)
    outages = await together(
        lambda id_: desk.get("intake", f"/outages/{id_}"), dict.fromkeys(c["outage"] for c in cases if c["outage"])
    )
    return Day(
        tuple(played.steps), now_in, {name: whole[id_] for name, id_ in played.opened.items()},
        {case["number"]: audit for case, audit in zip(cases, audits, strict=True)},
        {outage["id"]: outage for outage in outages}, played.read,
        {name: line.message_id for name, line in played.said.items()}, await kept(desk),
    )  # fmt: skip
