"""Spans of time: the union of exemptions, and what of a cycle lies in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from services.sla.exemptions.model import Exemption

Span = tuple[datetime, datetime]


def windows(exemptions: Iterable[Exemption]) -> list[Span]:
    """Their time, each moment once: in order, none touches the next."""
    found: list[Span] = []
    for begins, ends in sorted((e.begins, e.ends) for e in exemptions):
        if found and begins <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], ends)
        else:
            found.append((begins, ends))
    return found


def overlap(spans: Sequence[Span], others: Sequence[Span]) -> Iterator[Span]:
    """What is in both; neither overlaps itself."""
    for begins, ends in spans:
        for since, until in others:
            if begins < until and since < ends:
                yield max(begins, since), min(ends, until)
