"""Whether a changed contract would break an existing consumer or publisher, judged on its JSON Schema.

A break is a model or field that is gone, a field of another type, a value that is no longer allowed, or a new
required field. Fields and values may be added: consumers ignore unknown fields, and are deployed before publishers.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_ABOUT = {"title", "description", "examples", "default"}


def breaks(released: dict[str, Json], now: dict[str, Json]) -> list[str]:
    """One line per break of `now` against `released` (both: model name to JSON Schema)."""
    return [line for name, old in released.items() for line in _model(name, old, now.get(name))]


def _model(name: str, old: Json, new: Json | None) -> Iterator[str]:
    if new is None:
        yield f"{name}: the model is gone"
        return
    yield from _object(name, old, new, old.get("$defs", {}), new.get("$defs", {}))


def _object(
    path: str, old: Json, new: Json, old_defs: Json, new_defs: Json, within: frozenset[str] = frozenset()
) -> Iterator[str]:
    """`within` are the definitions that the path has gone through: one that holds itself is compared once."""
    fields = new.get("properties", {})
    for field, schema in old.get("properties", {}).items():
        if field not in fields:
            yield f"{path}.{field}: the field is gone"
        else:
            yield from _field(f"{path}.{field}", schema, fields[field], old_defs, new_defs, within)
    for field in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{path}.{field}: a field that old publishers do not send is now required"
    for field in set(old.get("required", ())) - set(new.get("required", ())):
        yield f"{path}.{field}: a field that old consumers rely on is no longer required"


def _field(path: str, old: Json, new: Json, old_defs: Json, new_defs: Json, within: frozenset[str]) -> Iterator[str]:
    if (name := old.get("$ref", "")) in within:
        return
    within |= {name} - {""}
    old, new = _resolve(old, old_defs), _resolve(new, new_defs)
    if "properties" in old and "properties" in new:
        yield from _object(path, old, new, old_defs, new_defs, within)
        return
    if gone := set(old.get("enum", ())) - set(new.get("enum") or old.get("enum", ())):
        yield f"{path}: no longer allowed: {', '.join(sorted(map(str, gone)))}"
    for key in ("items", "additionalProperties"):
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            yield from _field(f"{path}[]", old[key], new[key], old_defs, new_defs, within)
    if "anyOf" in old and "anyOf" in new and len(old["anyOf"]) == len(new["anyOf"]):
        for a, b in zip(old["anyOf"], new["anyOf"], strict=True):
            yield from _field(path, a, b, old_defs, new_defs, within)
    elif _kind(old) != _kind(new):
        yield f"{path}: another type: {_kind(old)} became {_kind(new)}"


def _resolve(schema: Json, definitions: Json) -> Json:
    reference: str | None = schema.get("$ref")
    return definitions[reference.rsplit("/", 1)[-1]] if reference else schema


def _kind(schema: Json) -> Json:
    """What makes a value valid, without what only describes it and without what is compared apart."""
    apart = _ABOUT | {"enum", "items", "additionalProperties", "properties", "required"}
    return {k: v for k, v in schema.items() if k not in apart}
