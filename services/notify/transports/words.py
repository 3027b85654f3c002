"""How a letter is put together and made to fit: what every transport says in the same words. Pure."""

from services.notify.rules.cutting import ELLIPSIS, fits, graphemes, octets, units
from services.notify.transports.port import Letter

REPEAT = "〔可能重复〕"
LINK = "查看并确认"
_LABEL = 20


def heading(letter: Letter) -> str:
    """The title in one line; a repetition says so to whoever reads it."""
    return (REPEAT if letter.repeat else "") + " ".join(letter.title.split())


def fitted(text: str, *, characters: int = 0, size: int = 0) -> str:
    """`text` cut to so many characters (UTF-16 units) and bytes of UTF-8, at what readers see as one character; `…`
    says that there was more. 0 is no limit, less is none of it.
    """
    if characters < 0 or size < 0:
        return ""
    if fits(text, characters, size):
        return text
    if not fits(ELLIPSIS, characters, size):
        return ""
    room, space, kept = characters - units(ELLIPSIS), size - octets(ELLIPSIS), 0
    for whole in graphemes(text):
        room, space = room - units(whole), space - octets(whole)
        if (characters and room < 0) or (size and space < 0):
            break
        kept += len(whole)
    return text[:kept] + ELLIPSIS


def assembled(head: str, body: str, tail: str, *, characters: int = 0, size: int = 0) -> str:
    """Three parts within a limit: the body is cut first, then the head; the tail, the link, stays whole."""
    title = fitted(head, characters=_left(characters, units(tail) + 1), size=_left(size, octets(tail) + 1))
    letters, bytes_ = _left(characters, units(title) + units(tail) + 2), _left(size, octets(title) + octets(tail) + 2)
    return "\n".join(part for part in (title, fitted(body, characters=letters, size=bytes_), tail) if part)


def written(letter: Letter, link: str, mentions: str = "", *, characters: int = 0, size: int = 0) -> str:
    """The whole message of a transport without a place for the title: body, link where the body has none, mentions.

    `link` is the letter's as the format writes it. A body that is longer than it was to be must not lose its link.
    """
    body = marked(letter)
    whole = assembled(body, "", mentions)
    if letter.link in body and whole == assembled(body, "", mentions, characters=characters, size=size):
        return whole
    tail = "\n".join(part for part in (link if letter.link else "", mentions) if part)
    return assembled("", body, tail, characters=characters, size=size)


def marked(letter: Letter) -> str:
    return (REPEAT if letter.repeat else "") + letter.body


def unlinked(letter: Letter) -> str:
    """The body for who shows the link as a button: without the line that is nothing but the link."""
    if not letter.link:
        return letter.body
    lines = letter.body.split("\n")
    kept = [line for line in lines if letter.link not in line or len(line) > len(letter.link) + _LABEL]
    return "\n".join(kept).strip()


def plain(text: str) -> str:
    """For messages that read `<a href=…>` as a link: what somebody typed must not become one."""
    return text.replace("<", "＜").replace(">", "＞")


def _left(limit: int, used: int) -> int:
    """What of a limit is left for others; 0 stays no limit, -1 is nothing."""
    return limit and (limit - used if limit > used else -1)
