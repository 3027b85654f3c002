"""A letter as a mail: its headers, its parts, its files."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime
from hashlib import sha256
from typing import Any

from services.notify.providers import kinds
from services.notify.transports.port import Letter
from services.notify.transports.words import LINK, heading, written

_POLICY = SMTP.clone(max_line_length=200)
_IMPORTANT = {"urgent": ("1", "High"), "high": ("2", "High")}


def compose(config: kinds.Email, letter: Letter) -> EmailMessage:
    """The mail. Its id is the letter's, the same for every attempt, so that mail programs show a repetition once."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = formataddr((config.name, config.address))
    mail["To"] = letter.address
    mail["Subject"] = heading(letter)
    mail["Date"] = localtime()
    mail["Message-ID"] = f"<{sha256(letter.id.encode()).hexdigest()[:40]}@{config.address.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if letter.urgency in _IMPORTANT:
        mail["X-Priority"], mail["Importance"] = _IMPORTANT[letter.urgency]
    mail.set_content(written(letter, f"{LINK}: {letter.link}"), cte="base64")
    if letter.html:
        mail.add_alternative(letter.html, subtype="html", cte="base64")
    for name, media_type, content in letter.files:
        page = mail.get_body(("html",)) if f"cid:{name}" in letter.html else None
        if page is not None:
            page.add_related(content, **_kind(media_type), cid=f"<{name}>", filename=name, disposition="inline")
        else:
            mail.add_attachment(content, **_kind(media_type), filename=name)
    return mail


def _kind(media_type: str) -> dict[str, Any]:
    """As the parts of a mail want it. A calendar's `method` decides whether mail programs offer to accept it."""
    kind, *more = (part.strip() for part in media_type.split(";"))
    main, _, sub = kind.partition("/")
    params = {name.strip(): value.strip(' "') for name, _, value in (part.partition("=") for part in more) if value}
    return {"maintype": main or "application", "subtype": sub or "octet-stream", "params": params}
