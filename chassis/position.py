"""How far an index has read its stream, in a small file beside it.

Written after the index's own commit: after a crash in between a few messages are read again, which changes nothing.
"""

from pathlib import Path

import msgspec


class Position(msgspec.Struct, frozen=True):
    """`stream` is when the stream was created: another time is another stream, whatever its numbers say.

    `format` rises whenever the index's fields or tokens change: an index of another format is built anew.
    """

    format: int
    stream: str = ""
    sequence: int = 0


def load(path: Path, format_: int) -> Position | None:
    """None when there is no file, or none that can be used: then the index is built anew."""
    try:
        position = msgspec.json.decode(path.read_bytes(), type=Position)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return position if position.format == format_ else None


def save(path: Path, position: Position) -> None:
    beside = path.with_suffix(".new")
    beside.write_bytes(msgspec.json.encode(position))
    beside.replace(path)
