"""A group of synonyms (同义词组) as knowledge keeps it, and what makes words a group. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from chassis.chinese import normalise
from chassis.errors import Refused
from chassis.personal.masking import mask
from contracts.envelope import derive_id

SHORTEST, LONGEST, MOST = 2, 40, 30
_AND: Final = "、"


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """A removed group keeps its place, so that its versions go on; `words` are then what it had last."""

    words: tuple[str, ...]
    saved_at: datetime
    saved_by: str = ""
    removed: bool = False


class Shipped(msgspec.Struct, frozen=True):
    """A group that comes with the product. Its id follows from its first word, so that others may be added."""

    id: UUID
    words: tuple[str, ...]


class Neighbours(msgspec.Struct, frozen=True):
    """The hint of a command: which words other groups have, by their `key`, with the first word of that group; and the
    shipped group of this id, if it is one.
    """

    taken: dict[str, str] = {}
    shipped: tuple[str, ...] = ()


def shipped_id(first: str) -> UUID:
    return derive_id("synonyms", "shipped", key(first))


def key(word: str) -> str:
    """What a word is compared by: letter case and width do not count."""
    return normalise(word).strip()


def tidy(words: Iterable[str]) -> tuple[str, ...]:
    """The words of a group, each once. Raises Refused with what to do where they are none."""
    first: dict[str, str] = {}
    for word in words:
        first.setdefault(key(word), " ".join(word.split()))
    clean = tuple(word for word in first.values() if word)
    if len(clean) < 2:
        raise Refused("too_few", "一个同义词组至少要有两个不同的词: 请再加一个意思相同的词")
    if len(clean) > MOST:
        raise Refused("too_many", f"一个同义词组最多 {MOST} 个词: 请拆成意思更接近的几组")
    if bad := [w for w in clean if min(len(key(w)), len(w)) < SHORTEST or max(len(key(w)), len(w)) > LONGEST]:
        raise Refused("bad_length", f"每个词应为 {SHORTEST} 到 {LONGEST} 个字: 请修改「{mask(bad[0])[:LONGEST]}」")
    if any(mask(word) != word for word in clean):
        raise Refused("personal", "同义词里有电话、证件号或姓名: 请删去, 只写业务用语")
    return clean


def check_free(words: Iterable[str], taken: dict[str, str]) -> None:
    """Raises Refused where a word is in another group already."""
    if found := [(word, taken[key(word)]) for word in words if key(word) in taken]:
        told = _AND.join(f"「{word}」已在「{first}」一组" for word, first in found[:5])
        raise Refused("in_two_groups", f"{told}: 一个词只能在一组, 请改那一组, 或从这里去掉这个词")
