"""The least value that fits a JSON Schema of an OpenAPI description: enough to come past the check of a body."""

from typing import Any

from tests.support.traces import Json

_TEXTS = {
    "uuid": "00000000-0000-0000-0000-000000000007", "date": "2026-11-01", "date-time": "2026-11-23T09:30:00+08:00",
    "uri": "http://127.0.0.1/",
}  # fmt: skip


def smallest(schema: Json, named: Json, depth: int = 0) -> Any:
    """An example where there is one; of several forms the first that is not nothing."""
    if "$ref" in schema:
        return smallest(named[schema["$ref"].rpartition("/")[2]], named, depth + 1)
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("oneOf", "anyOf", "allOf"):
        if forms := [form for form in schema.get(key, ()) if form.get("type") != "null"]:
            return smallest(forms[0], named, depth + 1)
    return _of_type(schema, named, depth)


def _of_type(schema: Json, named: Json, depth: int) -> Any:
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else next(k for k in kinds if k != "null")
    match kind:
        case "object":
            properties = schema.get("properties", {})
            return {name: smallest(properties[name], named, depth + 1) for name in schema.get("required", ())}
        case "array":
            return [smallest(schema["items"], named, depth + 1)] * (
                schema.get("minItems", 1) if "items" in schema else 0
            )
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            return _TEXTS.get(schema.get("format", ""), "x" * max(4, schema.get("minLength", 1)))
