"""Amounts and dates in a text: amounts in yuan as "1234.50", dates as YYYY-MM-DD, in the order of their coming.

A number is an amount only beside 元, a currency sign or the name of an amount; a date only with its year, since
which year "11月3日" means is a guess. Dates of birth are personal and are not taken.
"""

import re
from datetime import date
from decimal import Decimal

MOST = 20

_NUMBER = r"([0-9]{1,3}(?:,[0-9]{3}){1,3}(?:\.[0-9]{1,4})?|[0-9]{1,9}(?:\.[0-9]{1,4})?)(?![0-9])"
_AMOUNT = re.compile(rf"(?<![0-9.A-Za-z]){_NUMBER} ?(万?)(?:元|块钱)|[¥￥] ?{_NUMBER}")
_NAMED = re.compile(
    r"""(?:(?:amt|_pay|_fee|sumfee|Amt|Pay)["'\\]{0,8}\s{0,3}[:=>]\s{0,3}["'\\]{0,8}"""
    r"""|(?:金额|总额|费用|合计|自付|自费|统筹支付|账户支付|现金支付)(?:是|为|共)?\s{0,2}[:：=]\s{0,2})"""
    rf"{_NUMBER}(?!\.?[0-9A-Za-z]|[%万元块*-])"
)
_DATE = re.compile(
    r"20[0-9]{2}(?<![0-9A-Za-z]....)(?:([-/.])[0-9]{1,2}\1[0-9]{1,2}(?![0-9])|年 ?[0-9]{1,2}月 ?[0-9]{1,2}[日号]"
    r"|[01][0-9][0-3][0-9](?:[0-2][0-9][0-5][0-9]{3}(?:[0-9]{3})?)?(?![0-9]))"
)
_BORN = re.compile(r"""(?:brdy|brithday|birth\w{0,8}|出生\w{0,4}|生日)["'\\]{0,8}[\s:：=>是为]{0,4}["'\\]{0,8}\Z""")
_PARTS = re.compile("[0-9]+")


def amounts(text: str) -> tuple[str, ...]:
    """What is said in yuan, at most MOST of them, none twice, zero never."""
    found: dict[str, None] = {}
    if "元" in text or "块钱" in text or "¥" in text or "￥" in text:
        for m in _AMOUNT.finditer(text):
            _take(found, m[1] or m[3], 10_000 if m[2] else 1)
    if ":" in text or "=" in text or "：" in text or ">" in text:
        for m in _NAMED.finditer(text):
            _take(found, m[1], 1)
    return tuple(found)[:MOST]


def _take(found: dict[str, None], number: str, times: int) -> None:
    if value := Decimal(number.replace(",", "")) * times:
        found[f"{value:.2f}"] = None


def dates(text: str) -> tuple[str, ...]:
    """Days that exist, at most MOST of them, none twice."""
    if "20" not in text:
        return ()
    found: dict[str, None] = {}
    for m in _DATE.finditer(text):
        if (day := _day(m[0])) and not _BORN.search(text, max(0, m.start() - 30), m.start()):
            found[day] = None
    return tuple(found)[:MOST]


def _day(words: str) -> str | None:
    parts = [words[:4], words[4:6], words[6:8]] if words.isdigit() else _PARTS.findall(words)
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2])).isoformat()
    except ValueError:
        return None
