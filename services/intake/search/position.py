"""How far the index has read the CASE stream, in a small file beside it.

Written after the index's own commit: after a crash in between a few cases are read again, which changes nothing.
"""

from pathlib import Path

import msgspec

FORMAT = 1
"""Rises whenever fields or tokens change: an index of another format is built anew."""


class Position(msgspec.Struct, frozen=True):
    """`stream` is when the stream was created: another time is another stream, whatever its numbers say."""

    stream: str = ""
    sequence: int = 0
    format: int = FORMAT


def load(path: Path) -> Position | None:
    """None when there is none that can be used: then the index is built anew."""
    try:
        position = msgspec.json.decode(path.read_bytes(), type=Position)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return position if position.format == FORMAT else None


def save(path: Path, position: Position) -> None:
    beside = path.with_suffix(".new")
    beside.write_bytes(msgspec.json.encode(position))
    beside.replace(path)
