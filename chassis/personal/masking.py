"""Personal data must not be stored: `mask` hides it in a text before anything is written or published.

Two passes, each behind one cheap search, because most messages hold nothing to hide: values and names that
a key or a word announces, and numbers that show by their own form what they are. What a case needs stays:
institution codes, msgid, infno, setl_id, mdtrt_id, amounts, dates, catalogue codes. Run it again: no change.
"""

import re
from functools import lru_cache

from chassis.personal.names import GAP, hide_announced, hide_beside_numbers
from chassis.personal.numbers import END, SEP, hide, hide_numbers

_KEYS = re.compile(  # without one of these no number is announced
    "psn|cert|Cert|tel|phone|mobile|card|Card|bank|社会保障|社保|医保卡|银行卡|卡号|个人|人员编号|电脑号|身份证|证件|联系方式|"
    "电话|手机"
)
_KEYED = re.compile(
    r"((?:psn_?[nN]o|cert_?[nN]o|[cC]ertNo|tel(?<![A-Za-z]tel)|phone|mobile|id_?[cC]ard|[Ii]dcard|card_?[sS]n|card_?[nN]o|"
    r"bank_?acct|社会保障卡号码?|社保卡?号码?|医保卡?号码?|银行卡号码?|卡号|个人编号|人员编号|个人管理码|电脑号|"
    rf"身份证号?码?|证件号码?|联系方式|电话号?码?|手机号?码?){GAP})(?![HP][0-9]{{11}}(?:[0-9]{{18}})?(?![0-9]))"
    rf"([A-Za-z]{{0,2}}(?:[0-9](?:{SEP}?[0-9]){{16}}{SEP}?[0-9Xx×](?![0-9])|[0-9]{{6,40}}[Xx×]?"
    rf"|[0-9]{{4}}(?:{SEP}[0-9]{{4}}){{2,3}}(?:{SEP}[0-9]{{1,3}}(?![0-9]))?)){END}"
)
_SPOKEN = re.compile(  # as typed from a call
    "[零〇○一二三四五六七八九幺](?:[ 、，,]{0,2}[零〇○一二三四五六七八九幺]){10,}"
)
_OFFICE = re.compile(r"(?<![0-9\-])(?:0[0-9]{2,3}-?[0-9]{7,8}|[48]00-?[0-9]{3}-?[0-9]{4})(?![0-9Xx])")
_ASIDE = "\ue000"  # a private-use character, which no channel sends
_HARMLESS = re.compile(r"(?:[A-Za-z_\-]*[0-9]){0,5}[A-Za-z_\-]*")  # five digits are no number of anybody's
_EMAIL = re.compile(r"([^\s@<>])[^\s@<>]*(@[^\s@<>]+)")


def mask(text: str) -> str:
    """`text` without personal data."""
    if _KEYS.search(text):
        text = _KEYED.sub(lambda m: m[1] + hide(m[2]), text)
    text = hide_numbers(hide_announced(text))
    if "一" in text or "幺" in text:
        text = _SPOKEN.sub(lambda m: m[0][:2] + "*" * 9, text)
    return hide_beside_numbers(text) if "****" in text else text


@lru_cache(maxsize=1_024)  # the same sender comes with every message, and several times while it is handled
def mask_id(value: str) -> str:
    """A sender's id or name: as `mask`, and of a mailbox only the first letter and the domain stay."""
    if "@" in value:
        return _EMAIL.sub(r"\1***\2", value)
    return value if _HARMLESS.fullmatch(value) else mask(value)


def mask_reply(text: str) -> str:
    """As `mask`, but landlines and hotlines stay: the desk gives people offices to call. Mobiles do not."""
    numbers: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        numbers.append(match[0])
        return f"{_ASIDE}{len(numbers) - 1};"

    masked = mask(_OFFICE.sub(put_aside, text.replace(_ASIDE, "")))
    return re.sub(rf"{_ASIDE}(\d+);", lambda m: numbers[int(m[1])], masked)
