"""Personal data has no place in what stays for good: somebody's card or mobile number is refused, not masked.

Whoever writes a note can write it otherwise; what people send in conversations is masked, because they cannot.
"""

import re
import unicodedata

from chassis.errors import Refused

_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9]{11}(?:[0-9]{14,})?(?![0-9])")
"""An institution's code, alone or as the beginning of a message id of the platform (its code, the time, a number)."""
_GAP = r"[\s.·•・_‐–—−-]{0,2}"
_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "[0-3][0-9]"
_MOBILE = re.compile(rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}(?![0-9])")
_CARD = re.compile(
    rf"(?<![0-9])[1-9][0-9]{{5}}{_GAP}"
    rf"(?:(?:19|20)[0-9]{{2}}{_GAP}{_MONTH}{_GAP}{_DAY}{_GAP}[0-9]{{3}}[0-9Xx]"
    rf"|[0-9]{{2}}{_GAP}{_MONTH}{_GAP}{_DAY}{_GAP}[0-9]{{3}}(?![0-9]))"
)


class Personal(Refused):
    """The text holds somebody's number."""

    status = 422


def impersonal(text: str) -> str:
    """The text, trimmed. Raises Personal."""
    plain = _CODE.sub(" ", "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf"))
    found = [name for name, pattern in (("身份证号", _CARD), ("手机号", _MOBILE)) if pattern.search(plain)]
    if found:
        raise Personal("personal_data", f"文字或文件名中有{'和'.join(found)}: 请删去个人信息后再提交")
    return text.strip()
