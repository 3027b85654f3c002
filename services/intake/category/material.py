"""The written questions that the classifier starts from, and how templates among them are spelled out.

`material/questions.txt` has a heading `# 类别` and one question a line. `[a|b]` is a choice, `{slot}` a word of
`material/slots.txt`. All variants of one line are one group: they are never split between training and checking.
"""

import random
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("material")
BASE = FOLDER / "base.npz"
VARIANTS = 7
OPENINGS = ("", "", "", "", "", "老师好，", "您好，", "请问", "麻烦问下，", "急，", "在吗？", "你好")
ENDINGS = ("", "", "", "", "", "？", "，谢谢", "，麻烦尽快看一下", "，在线等", "啊", "，怎么办")
_PART = re.compile(r"\{([^}]+)\}|\[([^\]]+)\]")


class Question(NamedTuple):
    """A text and its category; `group` says which texts were made from one line, or one case."""

    text: str
    category: str
    group: str


def written() -> list[Question]:
    """Everything that ships with the product, spelled out; the same list on every machine."""
    chance, slots = random.Random(1), _slots()
    questions = labelled(FOLDER / "questions.txt")
    return [Question(text, q.category, q.group) for q in questions for text in _variants(q.text, slots, chance)]


def digest() -> str:
    """Which written questions these are; another digest means that a model has to be trained anew."""
    return sha256("\n".join(f"{q.category}\t{q.text}" for q in written()).encode()).hexdigest()[:12]


def labelled(path: Path) -> list[Question]:
    """The lines of a file with headings, as they stand there."""
    found, category = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            category = line.removeprefix("# ").strip()
        elif line.strip():
            found.append(Question(line.strip(), category, f"{path.name}:{line.strip()}"))
    return found


def _slots() -> dict[str, list[str]]:
    lines = (FOLDER / "slots.txt").read_text(encoding="utf-8").splitlines()
    return {name: words.split() for name, words in (line.split(":", 1) for line in lines if line.strip())}


def _variants(line: str, slots: dict[str, list[str]], chance: random.Random) -> Iterator[str]:
    if not _PART.search(line):
        yield line
        return
    made = {_spell_out(line, slots, chance) for _ in range(VARIANTS * 3)}
    for text in sorted(made)[:: max(1, len(made) // VARIANTS)][:VARIANTS]:
        yield chance.choice(OPENINGS) + text + chance.choice(ENDINGS)


def _spell_out(line: str, slots: dict[str, list[str]], chance: random.Random) -> str:
    def choose(part: re.Match[str]) -> str:
        words: list[str] = part[2].split("|") if part[2] else slots[part[1]]
        return chance.choice(words)

    while _PART.search(line):  # a choice may contain a slot
        line = _PART.sub(choose, line)
    return line
