"""Numbers that show by their own form whose they are: identity cards, bank cards, mobile and landline phones.

An identity number has its date of birth and its check digit (GB 11643), a bank card its Luhn digit (ISO 7812). Where
digits stand in groups or within longer ones the check digit decides. Part of `masking`.
"""

import re
from collections.abc import Callable, Iterator

from chassis.personal.names import GAP

SEP = r"[ \-‐-―]"
END = r"(?![0-9]|\*{4})"  # four stars: what we masked earlier is not half of a new number
_APART = r"[ \-‐-―._/·,，、\t\n]"  # only where the check digit has the last word
# Conditions on the left stand behind the first digit, so that the search can skip to digits at full speed.
_LEFT = r"(?<![0-9].)(?<!\*{4}.)(?<!(?<![A-Za-z])[HP].)"
_RUN = re.compile(r"\d(?:[ .\-‐-―)）_/·,，、\t\n]{0,3}\d){9}")
_LONG_RUN = re.compile(r"[0-9](?<![0-9].)(?:[0-9]{17,}[Xx×]|[0-9]{18,})")
_WIDE_DIGIT = re.compile(r"\d(?<![0-9])")
_KEPT = re.compile(  # what stands before a long number that is needed; C begins the code of a consumable
    r"(?:setl_?[iI][dD]|mdtrt_?[iI][dD]|o?msg_?id|inf_refmsgid|setl_list_id|feedetl_sn|chrg_bchno|sign_no|"
    rf"file_qury_no|结算I[Dd]|就诊I[Dd]|结算单?号|结算编号|就诊号|流水号|批次号|发票号){GAP}\Z|(?<![A-Za-z])C\Z"
)
_TIMESTAMP = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_BORN = re.compile(r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_BORN_15 = re.compile(r"[1-8][1-7][0-9]{6}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def hide_numbers(text: str) -> str:
    """`text` without them; behind one search, because most messages hold none."""
    if (run := _RUN.search(text)) is None:
        return text
    first = run.start()  # every number that is looked for is such a run
    text = _WIDE_DIGIT.sub(lambda m: str(int(m[0])), text)
    for pattern, hides in _NUMBERS:
        if pattern.search(text, first):
            text = "".join(_replace(pattern, hides, text, first))
    return _LONG_RUN.sub(_hide_within, text) if _LONG_RUN.search(text, first) else text


def _replace(pattern: re.Pattern[str], hides: Callable[[str], str | None], text: str, position: int) -> Iterator[str]:
    """Like `sub`, but a candidate that is refused does not use up the digits of the next one."""
    done = 0
    while found := pattern.search(text, position):
        start, end = found.span()
        masked = None if _KEPT.search(text, max(0, start - 40), start) else hides(found[0])
        position = start + 1 if masked is None else end
        if masked is not None:
            yield text[done:start] + masked
            done = end
    yield text[done:]


def hide(number: str) -> str:
    """The first three and the last two stay: enough to compare with what the person says on the phone."""
    digits = re.sub(SEP, "", number)
    if len(digits) == 11 and digits[0] == "1":
        return _hide_phone(digits)
    return digits[:3] + "*" * max(4, len(digits) - 5) + digits[-2:]


def _hide_phone(number: str) -> str:
    return f"{number[:3]}****{number[-4:]}"


def _hide_landline(number: str) -> str:
    area = 3 if number[1] in "12" else 4
    return number[:area] + (number[area] if number[area] in ")）" else "-") + "****" + number[-2:]


def _hide_long(number: str) -> str | None:
    digits = re.sub(SEP, "", number)
    # 17 digits with a date of birth have lost their check character, or it is one that only looks like an X.
    whole = len(digits) == 18 or (len(digits) == 17 and not _TIMESTAMP.match(digits))
    looks_born = whole and bool(_BORN.match(digits))
    personal = looks_born or _is_id(digits) or _BORN_15.fullmatch(digits) or _is_card(digits)
    return hide(digits) if personal else None


def _hide_apart(number: str) -> str | None:
    """Groups of digits may be strangers side by side, so here the check digit has to be right."""
    digits = re.sub(_APART, "", number)
    return hide(digits) if (_BORN.match(digits) and _is_id(digits)) or _is_card(digits) else None


def _hide_within(run: re.Match[str]) -> str:
    """A personal number may stand in a longer run of digits, with no sign where it begins: the check digit finds it.

    Codes that are long themselves stay: a msgid, a consumable's, and what has its name before it.
    """
    digits, before = run[0], run.string[run.start() - 1 : run.start()]
    if _KEPT.search(run.string, max(0, run.start() - 40), run.start()):
        return digits
    keep = 11 if before in ("H", "P") else 0
    if keep and _TIMESTAMP.match(digits, keep):
        keep = 29
    return digits[:keep] + _apart(digits[keep:])


def _apart(digits: str) -> str:
    """`digits` with what is personal in them hidden."""
    parts, start, at = [], 0, 0
    while at <= len(digits) - 18:
        number = digits[at : at + 18]
        if _BORN.match(number) and _is_id(number, strict=True):
            parts += [_lone(digits[start:at]), hide(number)]
            start = at = at + 18
        else:
            at += 1
    return "".join((*parts, _lone(digits[start:])))


def _lone(digits: str) -> str:
    """What is left beside an identity number may be a telephone or a card."""
    if _MOBILE.fullmatch(digits):
        return _hide_phone(digits)
    return _hide_long(digits) or digits if len(digits) >= 15 else digits


def _is_id(digits: str, *, strict: bool = False) -> bool:
    """GB 11643: 17 digits and their check character; an X at the end leaves no doubt, unless `strict`."""
    if len(digits) != 18 or (not digits[-1].isdigit() and not strict):
        return len(digits) == 18
    check = "10X98765432"[sum(w * int(d) for w, d in zip(_WEIGHTS, digits, strict=False)) % 11]
    return check == digits[-1].upper().replace("×", "X")


def _is_card(digits: str) -> bool:
    """ISO 7812: 16 to 19 digits with a Luhn check digit; a time stamp can have that by accident."""
    if not (16 <= len(digits) <= 19 and digits.isdigit()) or digits[0] == "1" or _TIMESTAMP.match(digits):
        return False
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(int("0246813579"[int(d)]) for d in even)) % 10 == 0


_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...] = (
    (re.compile(rf"[1-9](?<![0-9].)(?:[0-9]{{16}}[Xx×]|[0-9]{{14,18}}{END})"), _hide_long),
    (
        re.compile(  # an ID number in groups: separators anywhere, but 18, 19 or 20 where the century is
            rf"[1-9]{_LEFT}(?:{_APART}{{0,3}}[0-9]){{5}}{_APART}{{0,3}}(?:1{_APART}{{0,3}}[89]|2{_APART}{{0,3}}0)"
            rf"(?:{_APART}{{0,3}}[0-9]){{9}}{_APART}{{0,3}}(?:[0-9]{END}|[Xx×])"
        ),
        _hide_apart,
    ),
    (
        re.compile(rf"[2-9]{_LEFT}[0-9]{{3}}(?:{SEP}{{1,3}}[0-9]{{4}}){{3}}(?:{SEP}{{1,3}}[0-9]{{1,3}})?{END}"),
        _hide_apart,
    ),
    (
        re.compile(
            rf"1(?:{_LEFT}|(?<=(?<![0-9])86.)|(?<=(?<![0-9])0086.)|(?<=(?<![0-9A-Z])0.))"
            rf"[3-9][0-9](?:[ .\-‐-―]{{0,3}}[0-9]{{4}}){{2}}{END}"
        ),
        _hide_phone,
    ),
    (
        re.compile(  # a local number that reads like 20240115 is a date behind a batch number
            rf"0{_LEFT}(?:10|2[0-9]|[3-9][0-9]{{2}})[)）]?{SEP}{{0,3}}(?!20[0-9]{{2}}[01][0-9][0-3][0-9])"
            rf"[2-9][0-9]{{2,3}}[ -]?[0-9]{{4}}{END}"
        ),
        _hide_landline,
    ),
)
