"""Text as people send it is full of invisible and double-width characters; this module makes it plain.

Everything behind it (masking, findings, search, reports) may rely on ASCII digits and letters, `\\n` line ends
and no character that a database, a terminal or a log cannot carry.
"""

import re
import unicodedata
from hashlib import blake2b

from services.intake.text.quoted import said

MAX_TEXT = 20_000
MAX_TITLE = 60

_ENDS = "\v\f\x85\u2028\u2029"
# Control, soft hyphen, zero width, bidi, keycap and variation selectors, surrogates, annotations, tags.
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3"
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef"
)
# Only these are folded: full NFKC would also turn ， ： （ … into ASCII, 10² into 102 and ① into 1.
_BROAD = (
    "\xa0\u2000-\u200a\u202f\u205f\u3000\u2e80-\u2fdf\uff02-\uff07\uff0a\uff0b\uff0d-\uff19\uff1c-\uff1e"
    "\uff20-\uff3a\uff3c\uff3f\uff41-\uff5a\uff5c\uff61-\uff9f\ufb00-\ufb06\U0001d400-\U0001d7ff"
)
_LINE_END, _INVISIBLE, _WIDE = re.compile(f"\r\n?|[{_ENDS}]"), re.compile(f"[{_UNSEEN}]"), re.compile(f"[{_BROAD}]+")
_ODD = re.compile(f"[\r{_ENDS}{_UNSEEN}{_BROAD}]")
_GREETING = re.compile(
    r"(?:(?:各位|尊敬的)?(?:老师|领导|工程师|客服|专家)?们?(?:您好|你好|大家好|早上好|上午好|中午好|下午好|晚上好|早(?!上|晚|期|已|就|些|前)|在吗|在么|在不在|hello|hi)"
    r"|请问一下|请问|麻烦问一下|咨询一下)(?![A-Za-z])(?:老师|啊|呀|哈)?[\s,，.。!！?？:：~～、]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")
_WORDS = re.compile(r"[^\W_]+(?:(?<=[0-9])\.(?=[0-9]))?")  # a decimal point is no noise: 1.5 is not 15


def normalise(text: str) -> str:
    """Plain text: letters and digits in ASCII width, Chinese punctuation kept, nothing invisible, stripped."""
    if not text.isascii():
        if not _ODD.search(text):  # the usual question: one look instead of three
            return unicodedata.normalize("NFC", text).strip()
        text = _WIDE.sub(_narrow, _INVISIBLE.sub("", _LINE_END.sub("\n", text)))
        return unicodedata.normalize("NFC", text).strip()
    if text.isprintable():  # the usual short ASCII answer: nothing to remove
        return text.strip()
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text)).strip()


def _narrow(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def cut(text: str) -> tuple[str, bool]:
    """`text` in at most MAX_TEXT characters, mark included, and whether it was cut."""
    if len(text) <= MAX_TEXT:
        return text, False
    mark = f"…（内容过长已截断，原文共{len(text)}字）"
    kept = text[: MAX_TEXT - len(mark)]
    # Half a number would not be recognised as personal data any more, so it goes.
    return kept[:-40] + kept[-40:].rstrip("0123456789Xx -") + mark, True


def title(text: str) -> str:
    """The first line that says something beyond a greeting or a quote, at most MAX_TITLE characters."""
    otherwise = ""
    for line in map(_squeeze, said(text).splitlines()):
        greeting = _GREETING.match(line)
        words = line[greeting.end() :] if greeting else line
        if _WORD.search(words):
            return words if len(words) <= MAX_TITLE else words[: MAX_TITLE - 1].rstrip() + "…"
        otherwise = otherwise or line
    return otherwise[:MAX_TITLE] or "（无文字）"


def _squeeze(line: str) -> str:
    return " ".join(line[:2000].split())


def fingerprint(text: str) -> str:
    """The same words give the same 16 hex digits, whatever the spaces, punctuation and letter case."""
    words = "".join(_WORDS.findall(text)).casefold() or "".join(text.split())
    return blake2b(words.encode(errors="replace"), digest_size=8).hexdigest()
