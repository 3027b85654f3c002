"""Alerts by mail, with HTML and files where there are some; connections are kept as long as the server likes them."""

import asyncio
import re
import smtplib
import time
from collections import deque
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from chassis.posting import UNSURE, Declined, Later, SendFailed
from chassis.smtp import Lost, Refused, connected, hand_over, is_alive, leave
from services.notify.providers import kinds
from services.notify.transports.port import Format, Letter, Sent
from services.notify.transports.words import LINK, heading, written

if TYPE_CHECKING:
    import httpx

MOST_MAILS, KEPT_S, BUSY_S = 100, 30.0, 60.0
_MAILBOX = re.compile(r"[!-~]+@[!-~]+")
_POLICY = SMTP.clone(max_line_length=200)
_IMPORTANT = {"urgent": ("1", "High"), "high": ("2", "High")}


class _Line:
    """A connection, how many mails went over it, and since when nothing did."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self.smtp, self.mails, self.idle_since = smtp, 0, time.monotonic()


class Email:
    """As many connections as letters are under way; each is renewed after a hundred mails."""

    format: Format = "html"
    titled = True
    most_characters = 0
    most_bytes = 0

    def __init__(self, config: kinds.Email, http: "httpx.AsyncClient | None" = None) -> None:
        self._config = config
        self._lines: deque[_Line] = deque()

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        if not _MAILBOX.fullmatch(letter.address) or letter.address.count("@") != 1:
            raise Declined("邮箱地址无效: 请更正收件人的地址")
        try:
            mail = compose(self._config, letter)
        except (ValueError, IndexError):
            raise Declined("邮件无法生成: 地址或附件有误") from None
        # The thread goes on where its caller gives up; so it keeps the books of the connections itself.
        return Sent(await asyncio.to_thread(self._deliver, mail, letter.address))

    async def close(self) -> None:
        while self._lines:
            await asyncio.to_thread(leave, self._lines.pop().smtp)

    def _deliver(self, mail: EmailMessage, to: str) -> str:
        line: _Line | None = None
        try:
            line = self._taken() or _Line(connected(self._config.server, self._config.answer_s / 2))
            said = hand_over(line.smtp, self._config.address, to, mail.as_bytes())
        except Exception as error:
            if line is not None:
                line.smtp.close()
            raise _failed(error) from None
        line.mails, line.idle_since = line.mails + 1, time.monotonic()
        self._lines.append(line)
        return said[:200]

    def _taken(self) -> _Line | None:
        """One that is kept and still answers: a server that has hung up would make the letter late, or unsure."""
        while True:
            try:
                line = self._lines.pop()
            except IndexError:
                return None
            old = line.mails >= MOST_MAILS or time.monotonic() - line.idle_since > KEPT_S
            if not old and is_alive(line.smtp):
                return line
            line.smtp.close()


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


def _failed(error: Exception) -> SendFailed:
    match error:
        case Refused(step="login"):
            return SendFailed("发信邮箱登录失败: 请检查发送服务配置中的用户名和授权码", permanent=error.code >= 500)
        case Refused() if error.code < 500:
            # Greylisting and full mailboxes concern one address, a 421 or a refused sender concern all.
            return Later(
                f"邮件服务器暂不接收 ({error.code})", BUSY_S, for_one=error.step != "from" and error.code != 421
            )
        case Refused(step="from"):
            return SendFailed(f"发件地址被邮件服务器拒绝 ({error.code}): 请检查发送服务配置", permanent=True)
        case Refused(step="to"):
            return Declined(f"收件地址被邮件服务器拒绝 ({error.code}): 请更正收件人的地址")
        case Refused():
            return Declined(f"邮件服务器拒收 ({error.code})")
        case Lost(handed=True):
            return SendFailed(f"邮件服务器没有应答 ({error}), {UNSURE}", unsure=True)
        case Lost():
            return Later(f"连不上邮件服务器 ({error})")
        case UnicodeEncodeError():
            return Declined("邮箱地址无效: 请更正收件人的地址")
    return SendFailed(f"发送邮件时出错 ({type(error).__name__}), {UNSURE}", unsure=True)
