"""What two texts share: pairs of characters and whole words, joined where they touch. Pure."""

from collections.abc import Collection, Sequence
from typing import Final

from chassis.chinese import is_single, normalise, terms

LOOKS_AT = 400
MOST_TERMS = 64
_POLITE = (
    "您好 你好 老师 请问 麻烦 一下 怎么 么办 什么 为什 如何 是否 可以 能否 这个 那个 我们 我院 帮忙 谢谢 看看 处理 尽快"
)
STOP: Final = frozenset(_POLITE.split())
"""Pairs that are in every question and say nothing about it."""


def telling(text: str) -> tuple[str, ...]:
    """The terms of a question that say what it is about, each once; at most MOST_TERMS."""
    found = (t for t in terms(text[:LOOKS_AT]) if not is_single(t) and t not in STOP and len(t) > 1)
    return tuple(found)[:MOST_TERMS]


def matched(words: Sequence[str], other: str) -> frozenset[str]:
    """Those of `words` that are in `other`, which is normalised."""
    return frozenset(word for word in words if word in other)


def runs(text: str, words: Collection[str], most: int = 3, shortest: int = 2) -> list[str]:
    """The longest parts of `text` that consist of `words`: 结算, 算失 and 失败 are 结算失败."""
    plain = normalise(text[:LOOKS_AT])
    found: dict[str, None] = {}
    start = end = 0
    for i in range(len(plain) - 1):
        if plain[i : i + 2] not in words:
            continue
        if i >= end:
            found[plain[start:end]] = None
            start = i
        end = i + 2
    found[plain[start:end]] = None
    found |= dict.fromkeys(w for w in words if w.isascii())
    longest = sorted((run for run in found if len(run) >= shortest), key=len, reverse=True)
    return longest[:most]
