"""Personal data has no place in evidence: what shows an identity card or a mobile number is refused, not masked.

Whoever writes a note can write it otherwise; what people send in conversations is masked, because they cannot.
"""

import re
import unicodedata

from chassis.errors import Refused

_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])")
_CARD = re.compile(
    r"(?<![0-9])([1-9][0-9]{5}[ -]?(?:19|20)[0-9]{2}[ -]?(?:0[1-9]|1[0-2])[0-3][0-9][ -]?[0-9]{3}[0-9Xx])"
)


class Personal(Refused):
    """The text holds somebody's number."""

    status = 422


def impersonal(text: str) -> str:
    """The text, trimmed. Raises Personal."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = [name for name, pattern in (("身份证号", _CARD), ("手机号", _MOBILE)) if pattern.search(plain)]
    if found:
        raise Personal("personal_data", f"文字或文件名中有{'和'.join(found)}: 请删去个人信息后再提交")
    return plain
