"""Personal data must not be stored: `mask` hides it in a text before anything is written or published.

Two passes, each behind one cheap search, because most messages hold nothing to hide: values and names that
a key or a word announces, and numbers that show by their own form what they are. What a case needs stays:
institution codes, msgid, infno, setl_id, mdtrt_id, amounts, dates, catalogue codes. Run it again: no change.
"""

import re
from collections.abc import Callable, Iterator

from services.intake.text.names import GAP, hide_announced, hide_beside_numbers

_SEP = r"[ \-‐-―]"
_END = r"(?![0-9]|\*{4})"  # four stars: what we masked earlier is not half of a new number
# Conditions on the left stand behind the first digit, so that the search can skip to digits at full speed.
_LEFT = r"(?<![0-9].)(?<!\*{4}.)(?<!(?<![A-Za-z])[HP].)"
_WORDS = re.compile(  # without one of these nothing is announced
    "psn|patn|patient|coner|agnter|opter|cert|tel|phone|mobile|card|idCard|bank|社会保障|社保|医保|银行|卡号|个人|人员编号|"
    "电脑号|身份|证件|姓名|联系|经办|户主|患|病人|产妇|参保|我叫|本人|家属|电话|手机"
)
_KEYED = re.compile(
    r"((?:psn_?[nN]o|cert_?[nN]o|[cC]ertNo|tel(?<![A-Za-z]tel)|phone|mobile|id_?[cC]ard|[Ii]dcard|card_?[sS]n|card_?[nN]o|"
    r"bank_?acct|社会保障卡号码?|社保卡?号码?|医保卡?号码?|银行卡号码?|卡号|个人编号|人员编号|个人管理码|电脑号|"
    rf"身份证号?码?|证件号码?|联系方式|电话号?码?|手机号?码?){GAP})(?![HP][0-9]{{11}}(?:[0-9]{{18}})?(?![0-9]))"
    rf"([A-Za-z]{{0,2}}(?:[0-9](?:{_SEP}?[0-9]){{16}}{_SEP}?[0-9Xx×](?![0-9])|[0-9]{{6,40}}[Xx×]?"
    rf"|[0-9]{{4}}(?:{_SEP}[0-9]{{4}}){{2,3}}(?:{_SEP}[0-9]{{1,3}}(?![0-9]))?)){_END}"
)
_RUN = re.compile(r"\d(?:[ .\-‐-―)）]{0,3}\d){9}")
_WIDE_DIGIT = re.compile(r"(?![0-9])\d")
_KEPT = re.compile(  # what stands before a long number that is needed; C begins the code of a consumable
    r"(?:setl_?[iI][dD]|mdtrt_?[iI][dD]|msg_?id|setl_list_id|feedetl_sn|chrg_bchno|sign_no|file_qury_no|"
    rf"结算I[Dd]|就诊I[Dd]|结算单?号|就诊号|流水号|批次号|发票号){GAP}\Z|(?<![A-Za-z])C\Z"
)
_TIMESTAMP = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]")
_BORN = re.compile(r"[1-8][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_BORN_15 = re.compile(r"[1-8][1-7][0-9]{6}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OFFICE = re.compile(r"(?<![0-9\-])(?:0[0-9]{2,3}-?[0-9]{7,8}|[48]00-?[0-9]{3}-?[0-9]{4})(?![0-9Xx])")
_ASIDE = "\ue000"  # a private-use character, which no channel sends
_EMAIL = re.compile(r"([^\s@<>])[^\s@<>]*(@[^\s@<>]+)")


def mask(text: str) -> str:
    """`text` without personal data."""
    if announced := _WORDS.search(text):
        text = _KEYED.sub(lambda m: m[1] + _hide(m[2]), text)
        text = hide_announced(text)
    if _RUN.search(text):
        text = _WIDE_DIGIT.sub(lambda m: str(int(m[0])), text)
        for pattern, hide in _NUMBERS:
            text = "".join(_replace(pattern, hide, text))
    return hide_beside_numbers(text) if announced or "****" in text else text


def mask_id(value: str) -> str:
    """A sender's id or name: as `mask`, and of a mailbox only the first letter and the domain stay."""
    return _EMAIL.sub(r"\1***\2", value) if "@" in value else mask(value)


def mask_reply(text: str) -> str:
    """As `mask`, but landlines and hotlines stay: the desk gives people offices to call. Mobiles do not."""
    numbers: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        numbers.append(match[0])
        return f"{_ASIDE}{len(numbers) - 1};"

    masked = mask(_OFFICE.sub(put_aside, text.replace(_ASIDE, "")))
    return re.sub(rf"{_ASIDE}(\d+);", lambda m: numbers[int(m[1])], masked)


def _replace(pattern: re.Pattern[str], hide: Callable[[str], str | None], text: str) -> Iterator[str]:
    """Like `sub`, but a candidate that is refused does not use up the digits of the next one."""
    done = position = 0
    while found := pattern.search(text, position):
        start, end = found.span()
        masked = None if _KEPT.search(text, max(0, start - 40), start) else hide(found[0])
        position = start + 1 if masked is None else end
        if masked is not None:
            yield text[done:start] + masked
            done = end
    yield text[done:]


def _hide(number: str) -> str:
    """The first three and the last two stay: enough to compare with what the person says on the phone."""
    digits = re.sub(_SEP, "", number)
    if len(digits) == 11 and digits[0] == "1":
        return _hide_phone(digits)
    return digits[:3] + "*" * max(4, len(digits) - 5) + digits[-2:]


def _hide_phone(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}"


def _hide_landline(number: str) -> str:
    area = 3 if number[1] in "12" else 4
    return number[:area] + (number[area] if number[area] in ")）" else "-") + "****" + number[-2:]


def _hide_long(number: str) -> str | None:
    digits = re.sub(_SEP, "", number)
    looks_born = len(digits) == 18 and bool(_BORN.match(digits))
    personal = looks_born or _is_id(digits) or _BORN_15.fullmatch(digits) or _is_card(digits)
    return _hide(digits) if personal else None


def _hide_apart(number: str) -> str | None:
    """Groups of digits may be strangers side by side, so here the check digit has to be right."""
    digits = re.sub(_SEP, "", number)
    return _hide(digits) if _is_id(digits) or _is_card(digits) else None


def _is_id(digits: str) -> bool:
    """GB 11643: 17 digits and their check character; an X at the end leaves no doubt in any case."""
    if len(digits) != 18 or not digits[-1].isdigit():
        return len(digits) == 18
    return "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, digits, strict=False)) % 11] == digits[-1]


def _is_card(digits: str) -> bool:
    """ISO 7812: 16 to 19 digits with a Luhn check digit; a time stamp can have that by accident."""
    if not (16 <= len(digits) <= 19 and digits.isdigit()) or digits[0] == "1" or _TIMESTAMP.match(digits):
        return False
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(int("0246813579"[int(d)]) for d in even)) % 10 == 0


_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...] = (
    (re.compile(rf"[1-9](?<![0-9].)(?:[0-9]{{16}}[Xx×]|[0-9]{{14,18}}{_END})"), _hide_long),
    (
        re.compile(  # an ID number in groups: separators anywhere, but 18, 19 or 20 where the century is
            rf"[1-8]{_LEFT}(?:{_SEP}{{0,3}}[0-9]){{5}}{_SEP}{{0,3}}(?:1{_SEP}{{0,3}}[89]|2{_SEP}{{0,3}}0)"
            rf"(?:{_SEP}{{0,3}}[0-9]){{9}}{_SEP}{{0,3}}(?:[0-9]{_END}|[Xx×])"
        ),
        _hide_apart,
    ),
    (re.compile(rf"[2-9]{_LEFT}[0-9]{{3}}(?:{_SEP}[0-9]{{4}}){{3}}(?:{_SEP}[0-9]{{1,3}})?{_END}"), _hide_apart),
    (
        re.compile(
            rf"1(?:{_LEFT}|(?<=(?<![0-9])86.)|(?<=(?<![0-9])0086.)|(?<=(?<![0-9])0.))"
            rf"[3-9][0-9](?:[ .\-‐-―]?[0-9]{{4}}){{2}}{_END}"
        ),
        _hide_phone,
    ),
    (
        re.compile(  # a local number that reads like 20240115 is a date behind a batch number
            rf"0{_LEFT}(?:10|2[0-9]|[3-9][0-9]{{2}})[)）]?{_SEP}{{0,3}}(?!20[0-9]{{2}}[01][0-9][0-3][0-9])"
            rf"[2-9][0-9]{{2,3}}[ -]?[0-9]{{4}}{_END}"
        ),
        _hide_landline,
    ),
)
