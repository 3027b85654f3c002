"""Cutting texts to a limit: never inside what readers see as one character (字素), such as a flag."""

import unicodedata
from collections.abc import Iterator

ELLIPSIS = "…"
_ZWJ = "\u200d"
_PLAIN_BELOW = "\u0300"  # nothing before it joins with what stands beside it, CR LF apart


def units(text: str) -> int:
    """Characters as providers count them: UTF-16 units, so an emoji is two; never fewer than Python counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def octets(text: str) -> int:
    """Bytes in UTF-8; a lone surrogate, which has none, counts as the question mark that it becomes."""
    return len(text.encode("utf-8", "replace"))


def fits(text: str, most_units: int, most_octets: int = 0) -> bool:
    """Whether it is within both limits; 0 is no limit."""
    return not (most_units and units(text) > most_units) and not (most_octets and octets(text) > most_octets)


def cut(text: str, most_units: int, ending: str = "") -> str:
    """`text` if it fits, else as many whole characters as fit with `ending` behind them."""
    if len(text) * 2 <= most_units or units(text) <= most_units:
        return text
    room = most_units - units(ending)
    kept: list[str] = []
    for whole in graphemes(text):
        room -= units(whole)
        if room < 0:
            break
        kept.append(whole)
    return "".join(kept) + ending


def graphemes(text: str) -> Iterator[str]:
    """What readers see as one character each: with its accents, a sequence of emoji, a flag, CR LF."""
    begin, flags = 0, 0
    for at in range(1, len(text)):
        before, here = text[at - 1], text[at]
        flags = flags + 1 if _is_flag(before) else 0
        if _joined(before, here, flags):
            continue
        yield text[begin:at]
        begin = at
    if text:
        yield text[begin:]


def _joined(before: str, here: str, flags: int) -> bool:
    """`flags`: how many regional indicators in a row end before `here`; two of them are one flag."""
    if here < _PLAIN_BELOW:
        return here == "\n" and before == "\r"
    if _ZWJ in (before, here) or _extends(here):
        return before not in "\r\n"
    return (_is_flag(here) and flags % 2 == 1) or _one_syllable(before, here)


def _extends(character: str) -> bool:
    """Accents, variation selectors, skin tones, tags of regional flags, the sound marks of halfwidth kana."""
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or character in "\u200c\uff9e\uff9f"
    )


def _is_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _one_syllable(before: str, here: str) -> bool:
    """Hangul typed as single letters."""
    if not "\u1100" <= here <= "\u11ff":
        return False
    if "\u1100" <= before <= "\u115f":
        return here <= "\u11a7"
    return ("\u1160" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3") and here >= "\u1160"
