"""How near two articles are in what they say (疑似重复). Pure.

Both the question and the solution have to be alike: the same question with another solution is another cause, and the
same solution of another question another matter. Long numbers (institutions, people, times) do not count, short ones
(2207) do; another transaction or another error is never the same, for many questions differ in nothing else.
"""

import re
from collections import Counter
from itertools import pairwise
from typing import Final, NamedTuple

from chassis.chinese import normalise
from contracts.knowledge import ArticleContent

ALIKE: Final = 0.8
"""From here on a merge is proposed; the tests hold examples on both sides of it."""
SHORTEST: Final = 8
"""Characters that a question and a solution need each: of less nothing can be said."""
_EACH: Final = 0.6
_LONG_NUMBER = re.compile(r"[a-z]?[0-9]{5,}[a-z]?|\*+")
_NOISE = re.compile(r"[\W_]+")
_CODE = re.compile(r"(?<![a-z0-9.])-?[0-9]{3,4}[a-z]?(?![a-z0-9.%]|\s*[年元月日号人条次个张笔万天])")
_TOLD = re.compile(r"(?:报错|提示|返回|错误信息|错误)(?:信息|内容|为|是|[:：\s\"'])*([^,，。;；!！?？、\n]{2,30})")
_SAYS_NOTHING = re.compile(r"失败|错误|异常|报错|提示|返回|返错|信息|如下")
_POLITE = re.compile(r"您好|你好|老师|请问|麻烦|帮忙|看一下|谢谢|现在|已经|我院|我们|医院")


class Parts(NamedTuple):
    """Of an article what is compared."""

    question: str
    solution: str
    kind: str = "solution"
    infno: str | None = None
    error: str | None = None
    error_code: str | None = None


def parts_of(content: ArticleContent) -> Parts:
    found = content.findings
    question, solution = content.question or content.title, content.cause + content.answer
    return Parts(question, solution, content.kind, found.infno, found.error, found.error_code)


def likeness(one: Parts, other: Parts) -> float:
    """0 to 1, the same in either order."""
    if one.kind != other.kind or _differ(one.infno, other.infno) or _differ(one.error_code, other.error_code):
        return 0.0
    if not _may_quote_the_same(one, other):
        return 0.0
    questions = _share(words_of(one.question), words_of(other.question))
    solutions = _share(words_of(one.solution), words_of(other.solution))
    if min(questions, solutions) < _EACH:
        return 0.0
    bonus = 0.05 if _same_error(one, other) else 0.0
    return round(min(1.0, (questions + solutions) / 2 + bonus), 3)


def words_of(text: str) -> str:
    """The text without numbers of people and things, politeness, punctuation and letter case."""
    return _NOISE.sub("", _POLITE.sub("", _LONG_NUMBER.sub("", normalise(text))))


def _share(one: str, other: str) -> float:
    """Of the pairs of characters: how many they share, half by both, half by the shorter one, which may be part of the
    longer."""
    shorter = min(len(one), len(other))
    if shorter < SHORTEST:
        return 0.0
    if one == other:
        return 1.0
    a, b = Counter(pairwise(one)), Counter(pairwise(other))
    common = (a & b).total()
    dice, within = 2 * common / (a.total() + b.total()), common / min(a.total(), b.total())
    return (dice + within) / 2


def _differ(one: str | None, other: str | None) -> bool:
    return bool(one and other and one.casefold() != other.casefold())


def _may_quote_the_same(one: Parts, other: Parts) -> bool:
    """Whether the codes in both questions, and the errors that are quoted, have anything in common; True where one has
    none."""
    codes = [set(_CODE.findall(normalise(parts.question))) for parts in (one, other)]
    if all(codes) and not codes[0] & codes[1]:
        return False
    errors = [set(pairwise(_error_of(parts))) for parts in (one, other)]
    return not all(errors) or len(errors[0] & errors[1]) >= _EACH * min(map(len, errors))


def _error_of(parts: Parts) -> str:
    """What the error says, as it was read out of the case or else as the question quotes it."""
    quoted = parts.error or "".join(_TOLD.findall(normalise(parts.question)))
    return _SAYS_NOTHING.sub("", words_of(quoted))


def _same_error(one: Parts, other: Parts) -> bool:
    errors = words_of(one.error or ""), words_of(other.error or "")
    return bool(one.infno and one.infno == other.infno and errors[0] and errors[0] == errors[1])
