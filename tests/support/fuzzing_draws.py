"""What is sent to an operation: cases that fit its description, that break it, and that fit but for one value."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

from bench.fuzz import VALUES, WORDS
from tests.support.traces import Json

NASTY: Final = [word for raw in WORDS if (word := raw.decode("utf-8", "replace")) and "\ufffd" not in word]
CONFIG: Final = {
    "dictionaries": {"nasty": {"values": [*NASTY, 2**31, 2**63, 2**64, -1, 10**30, "9" * 5_000]}},
    "generation": {
        "with-security-parameters": False,
        "dictionaries": {kind: {"dictionary": "nasty", "probability": 0.15} for kind in ("string", "integer")},
    },
}
_FITS, _BREAKS = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def cases(operation: APIOperation[Any, Any, Any, Any], paths: Sequence[Json]) -> st.SearchStrategy[Case[Any]]:
    """Those that fit the description, those that break it, and those that fit but for one value."""
    known = [path for path in paths if path]
    kinds = [operation.as_strategy(_FITS)]
    kinds += [operation.as_strategy(_FITS, path_parameters=path) for path in known]
    kinds += [kind.flatmap(_spoilt) for kind in kinds if operation.body]
    if operation.body or operation.query or operation.path_parameters:
        kinds.append(operation.as_strategy(_BREAKS))
        kinds += [operation.as_strategy(_BREAKS, path_parameters=path) for path in known]
    return st.one_of(kinds)


def _spoilt(case: Case[Any]) -> st.SearchStrategy[Case[Any]]:
    """One value of its body is replaced by a word or a value that no sender in his right mind would use."""
    places = list(_places(case.body)) if case.media_type == "application/json" else []
    if not places:
        return st.just(case)

    def with_(drawn: tuple[tuple[Any, ...], Any]) -> Case[Any]:
        (*way, last), value = drawn
        body = at = json.loads(json.dumps(case.body))
        for step in way:
            at = at[step]
        at[last] = value
        case.body = body
        return case

    return st.tuples(st.sampled_from(places), st.sampled_from(VALUES)).map(with_)


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*way, key))
