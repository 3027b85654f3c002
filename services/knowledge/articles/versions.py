"""The versions of an article and how they differ, out of what it has said. Pure.

Nothing is kept apart for it: every event carries the whole content, so the first one of a revision is that version.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, Literal, NamedTuple

import msgspec

from contracts.knowledge import ArticleContent

Json = dict[str, Any]
Op = Literal["same", "removed", "added"]
FIELDS: Final = tuple(ArticleContent.model_fields)
_QUIET: Final = ("knowledge.judged", "knowledge.rated", "knowledge.viewed")
_PART = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+")
_WORD = re.compile(r"[A-Za-z0-9_.*-]+|\s+|.", re.DOTALL)
_FINE: Final = 2_000  # words that are compared one by one; of more only sentences are


class Mark(NamedTuple):
    """`same` and `removed` in a row are the old text, `same` and `added` the new one."""

    op: Op
    text: str


def versions(history: Sequence[str]) -> list[Json]:
    """Every revision, oldest first: its content, and all that became of it (`steps`), the writing first."""
    found: dict[int, Json] = {}
    for said in map(msgspec.json.decode, history):
        if ".command." in said["type"] or said["type"] in _QUIET:
            continue
        steps = found.setdefault(said["revision"], _begun(said))["steps"]
        steps.append(_step(said))
    return [found[revision] for revision in sorted(found)]


def differences(old: Json, new: Json) -> Json:
    """The fields that differ: texts with marks, others with both values."""
    differing = [name for name in FIELDS if old.get(name) != new.get(name)]
    return {name: _difference(old.get(name), new.get(name)) for name in differing}


def marks(old: str, new: str) -> list[Mark]:
    """Word by word where it is not too much: sentence by sentence first, so that long texts do not take long."""
    return _joined(_by_sentence(old, new))


def _begun(said: Json) -> Json:
    content = {name: said.get(name) for name in FIELDS}
    return {"revision": said["revision"], "content": content, "steps": []}


def _step(said: Json) -> Json:
    about: Json = {key: said[key] for key in ("doubt", "like", "into", "absorbed") if key in said}
    return {
        "type": said["type"], "by": said["actor"], "at": said["recorded_at"], "why": said.get("why", ""),
        "state": said.get("state", "published"), "version": said["version"], **about,
    }  # fmt: skip


def _difference(old: Any, new: Any) -> Json:
    if isinstance(old, str) and isinstance(new, str):
        return {"marks": [mark._asdict() for mark in marks(old, new)]}
    return {"old": old, "new": new}


def _by_sentence(old: str, new: str) -> Iterator[Mark]:
    a, b = _PART.findall(old), _PART.findall(new)
    for same, i, j, k, m in _matched(a, b):
        one, other = "".join(a[i:j]), "".join(b[k:m])
        if same:
            yield Mark("same", one)
        else:
            yield from _by_word(one, other)


def _by_word(old: str, new: str) -> Iterator[Mark]:
    a, b = _WORD.findall(old), _WORD.findall(new)
    if len(a) > _FINE or len(b) > _FINE:
        yield from (Mark("removed", old), Mark("added", new))
        return
    for same, i, j, k, m in _matched(a, b):
        if same:
            yield Mark("same", "".join(a[i:j]))
        else:
            yield from (Mark("removed", "".join(a[i:j])), Mark("added", "".join(b[k:m])))


def _matched(a: list[str], b: list[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    for op, *at in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        yield op == "equal", at[0], at[1], at[2], at[3]


def _joined(found: Iterator[Mark]) -> list[Mark]:
    """Without empty ones, and neighbours of one kind as one."""
    together: list[Mark] = []
    for mark in found:
        if mark.text and together and together[-1].op == mark.op:
            together[-1] = Mark(mark.op, together[-1].text + mark.text)
        elif mark.text:
            together.append(mark)
    return together
