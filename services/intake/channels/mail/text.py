"""What a person wrote in a mail: without the mail that it answers, without the signature. Pure.

In doubt text stays: a question with too much under it can be answered, one that was cut away cannot.
"""

import re
from typing import Final

_RE: Final = re.compile(
    r"^\s*(?:(?:re|aw|回复|答复|回覆|回|fwd?|转发|轉寄|转)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)
_FORWARDED: Final = re.compile(r"^\s*(?:fwd?|转发|轉寄|转)\s*[:：]", re.IGNORECASE)
_RULE: Final = re.compile(
    r"^\s*-{2,}\s*(?:回复的?)?(?:原始?邮件|邮件原件|original (?:message|e?mail)|转发的?邮件(?:信息)?|forwarded message)"
    r"\s*-{2,}\s*$",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"^[\s*>]*(?:发\s*件\s*人|寄件者|from)\s*\*?\s*[:：]", re.IGNORECASE)
_BESIDE: Final = re.compile(
    r"^[\s*>]*(?:收\s*件\s*人|发送时间|发送日期|日\s*期|时\s*间|主\s*题|抄\s*送|to|sent|date|subject|cc)\s*\*?\s*[:：]",
    re.IGNORECASE,
)
_DAY: Final = r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}"
_WROTE: Final = re.compile(
    rf"^\s*(?:on\b.{{6,250}}\bwrote\s*[:：]|.{{0,150}}{_DAY}.{{0,200}}写[道到]\s*[:：])\s*$", re.IGNORECASE
)
_WROTE_BEGINS: Final = re.compile(rf"^\s*(?:on\b.*\d|.{{0,150}}{_DAY}.{{0,200}}$)", re.IGNORECASE)
_SIGNATURE: Final = re.compile(r"^--\s?$")
_DEVICE: Final = re.compile(
    r"^\s*(?:发自(?:我的|新浪|网易|QQ|华为|小米).{0,30}|来自.{0,12}(?:手机|邮箱|iPhone|Android).{0,20}"
    r"|sent from (?:my|mail|outlook).{0,60}|(?:获取|get)\s?outlook\s?for.{0,30}|从我的.{0,20}发送"
    r"|从 windows 版邮件发送)\s*$",
    re.IGNORECASE,
)
_LONGEST = 500  # of a line that can be anything of the above
_SIGNATURE_LINES = 15


def plain_subject(subject: str) -> str:
    """The subject without what mail programs put in front of it."""
    return _RE.sub("", subject).strip() or subject.strip()


def is_forwarded(subject: str) -> bool:
    """Somebody passes a mail on: what it quotes is the question itself."""
    return _FORWARDED.match(subject) is not None


def written(text: str, forwarded: bool = False) -> str:
    """What the sender wrote; of a forwarded mail, all of it. Only blank where `text` is."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    own = lines if forwarded else [line for line in lines[: _quote_starts(lines)] if not line.lstrip().startswith(">")]
    own = _without_signature(own)
    return "\n".join(line.rstrip() for line in own).strip() or text.strip()


def _quote_starts(lines: list[str]) -> int:
    """The line at which the mail that is answered begins."""
    short = [line if len(line) <= _LONGEST else "" for line in lines] + [""]
    for n, line in enumerate(short[:-1]):
        if _RULE.match(line) or _WROTE.match(line):
            return n
        # Mail programs break this line in two.
        if _WROTE_BEGINS.match(line) and _WROTE.match(f"{line.strip()} {short[n + 1].strip()}"):
            return n
        if _FROM.match(line) and any(_BESIDE.match(x) for x in short[n + 1 : n + 5]):
            return n - 1 if n and re.fullmatch(r"\s*[_\-=*]{5,}\s*", short[n - 1]) else n
    return len(lines)


def _without_signature(lines: list[str]) -> list[str]:
    kept = list(lines)
    while kept and (not kept[-1].strip() or _DEVICE.match(kept[-1][:_LONGEST])):
        kept.pop()
    for n in range(len(kept) - 1, max(len(kept) - _SIGNATURE_LINES, 0), -1):
        if _SIGNATURE.match(kept[n]):
            return kept[:n]
    return kept
