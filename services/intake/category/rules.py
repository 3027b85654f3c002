"""A first guess at category and priority, so that a case reaches the right desk before anybody has read it.

The rules are data (`words.py`), read from top to bottom: the first rule one of whose words occurs decides. Wide words
occur in questions of every kind: they only give a category where nothing better is known, and the classifier may know
better.
"""

from collections import defaultdict
from typing import Final

from contracts.case import Category, Findings, Priority
from services.intake.category.words import FAMILIES, RULES, WIDE

OUTAGE: Final = ("瘫痪", "无法结算", "宕机", "崩溃", "全部停", "停摆", "都结算不了", "都不能结算", "全都不能")
EVERYBODY: Final = (
    "全院", "大面积", "所有窗口", "全部窗口", "各窗口", "所有患者", "全部患者", "所有医院", "所有科室",
    "全市", "全县", "全区",
)  # fmt: skip
TROUBLE: Final = (
    "失败", "报错", "错误", "异常", "不了", "不能", "无法", "不上", "不通", "中断", "超时", "故障", "断开", "卡死",
    "打不开", "没反应", "掉线", "停机", "停用", "重复扣", "多扣", "err_msg",
)  # fmt: skip
WISHES: Final = ("建议", "希望增加", "希望能增加", "能否增加", "优化一下")


def categorise(text: str, findings: Findings) -> tuple[Category, Priority]:
    """The rules' guess at both."""
    category, _ = rule(text, findings)
    return category, priority_of(text, category, is_trouble(text, findings))


def rule(text: str, findings: Findings) -> tuple[Category, bool]:
    """The category, and whether a rule decided it; otherwise it is a default that the classifier may better."""
    rank = _first(text)
    if findings.infno and rank >= _NARROW:
        return FAMILIES.get(findings.infno[:4]) or FAMILIES.get(findings.infno[:2], "接口/HIS"), True
    if rank < _NARROW:
        return RULES[rank][0], True
    if rank < _NOTHING:
        return WIDE[rank - _NARROW][0], False
    return ("接口/HIS", True) if findings.msgid else ("业务咨询", False)


def priority_of(text: str, category: Category, trouble: bool) -> Priority:
    """Trouble for everybody before trouble for one; a wish that reports no trouble can wait."""
    if _any(OUTAGE, text) or (trouble and _any(EVERYBODY, text)):
        return "urgent"
    if trouble:
        return "high"
    return "low" if category == "培训" or _any(WISHES, text) else "normal"


def is_trouble(text: str, findings: Findings) -> bool:
    """Whether somebody reports that something does not work."""
    return findings.error is not None or _any(TROUBLE, text.replace("能不能", ""))  # a question, not trouble


_NARROW: Final = len(RULES)
_NOTHING: Final = _NARROW + len(WIDE)


def _by_first_character() -> dict[str, tuple[tuple[int, str, str], ...]]:
    table: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for rank, (_, words) in enumerate((*RULES, *WIDE)):
        for word, _, also in (w.partition("&") for w in words):
            table[word[0]].append((rank, word, also))
    return {character: tuple(sorted(entries)) for character, entries in table.items()}


# Two hundred words, of which a text can contain only those whose first character it has: 2 µs instead of 8.
_WORDS: Final = _by_first_character()
_FIRST: Final = frozenset(_WORDS)


def _first(text: str) -> int:
    """The rank of the first rule that a word of `text` fulfils; `_NOTHING` when none does."""
    best = _NOTHING
    for character in _FIRST.intersection(text):
        for rank, word, also in _WORDS[character]:
            if rank >= best:
                break
            if word in text and also in text:
                best = rank
                break
    return best


def _any(words: tuple[str, ...], text: str) -> bool:
    for word in words:  # noqa: SIM110 - a plain loop: `any` with a generator costs twice as much here
        if word in text:
            return True
    return False
