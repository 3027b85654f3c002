"""Institutions by the names that people write: the directory knows their codes (市二院 → H62010290002)."""

from typing import cast

from litestar.datastructures import State

from services.intake.channels.reading import Json
from services.intake.directory.cache import Directory


def coded(state: State, payload: object) -> object:
    """The same payload with the code instead of the institution's name, where the directory knows it."""
    name = payload.get("institution") if isinstance(payload, dict) else None
    if not isinstance(payload, dict) or not isinstance(name, str):
        return payload
    directory = cast(Directory, state.service.state["directory"])
    found = directory.institution_named(name)
    fields: Json = {**payload, "institution": found.code} if found else payload
    return fields
