"""How characters sound, without tones: what somebody has typed by sound, 结蒜 for 结算, is found by sound. Pure."""

from functools import cache
from itertools import pairwise
from pathlib import Path


@cache
def _sounds() -> dict[str, str]:
    lines = Path(__file__).with_name("sounds.txt").read_text(encoding="utf-8").splitlines()
    split = (line.split() for line in lines if not line.startswith("#"))
    return {character: syllable for syllable, characters in split for character in characters}


def sound(character: str) -> str:
    """The syllable of a normalised character; one that has none stands for itself."""
    return _sounds().get(character, character)


def sound_pairs(plain: str) -> list[str]:
    """Each two syllables that follow each other in a normalised text, once: jie'suan."""
    syllables = [_sounds().get(character, " ") for character in plain]
    return list(dict.fromkeys(f"{a}'{b}" for a, b in pairwise(syllables) if a != " " and b != " "))
