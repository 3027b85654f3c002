"""The chain of what an aggregate has said: each event's JSON ends with the hash of the one before it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

# A model's values as JSON, models within it too; the model's own serializer takes twice as long.
_JSON = msgspec.json.Encoder(enc_hook=vars)


def chained(facts: Mapping[str, Any], head: str) -> bytes:
    """An event's JSON with the hash of the one before it at its end: nothing in between can be changed unseen."""
    linked = {**facts}
    linked.pop("previous", None)
    linked["previous"] = head
    return _JSON.encode(linked)


def hash_of(body: bytes) -> str:
    """SHA-256 of an event's JSON in hex, as the link to it holds it."""
    return sha256(body).hexdigest()
