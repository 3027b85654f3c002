"""What every form has in common: how it comes, several words in one field, and numbers. Pure."""

import re
from typing import Annotated, Final

from litestar.enums import RequestEncodingType
from litestar.params import Body

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

_BETWEEN: Final = re.compile(r"[,，、;；\s]+")
_MOST_DIGITS: Final = 9


def words_of(text: str) -> list[str]:
    """The words of a field, however people separate them; each once, in their order."""
    return list(dict.fromkeys(word for word in _BETWEEN.split(text) if word))


def whole(text: object) -> int | None:
    """The number that somebody has written; nothing for what is none, or for none that anybody means."""
    digits = str(text).strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None
