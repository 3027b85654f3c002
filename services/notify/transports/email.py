"""Alerts by mail, with HTML and files where there are some; connections are kept as long as the server likes them."""

import asyncio
import re
import smtplib
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import TYPE_CHECKING

from chassis.deadline import Deadline
from chassis.posting import UNSURE, Declined, Later, SendFailed
from chassis.smtp import Lost, Refused, connected, hand_over, is_alive
from services.notify.providers import kinds
from services.notify.transports.mails import compose
from services.notify.transports.port import Format, Letter, Sent

if TYPE_CHECKING:
    import httpx

MOST_MAILS, KEPT_S, BUSY_S = 100, 30.0, 60.0
_MAILBOX = re.compile(r"[!-~]+@[!-~]+")


class _Line:
    """A connection, how many mails went over it, and since when nothing did."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self.smtp, self.mails, self.idle_since = smtp, 0, time.monotonic()


class Email:
    """As many connections as letters are under way; each is renewed after a hundred mails.

    Its threads are its own: a server that hangs holds up no other provider, and nothing for longer than an attempt.
    """

    format: Format = "html"
    titled = True
    most_characters = 0
    most_bytes = 0

    def __init__(self, config: kinds.Email, http: "httpx.AsyncClient | None" = None) -> None:
        self._config = config
        self._lines: deque[_Line] = deque()
        self._threads = ThreadPoolExecutor(config.workers + 1, "email")

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        if not _MAILBOX.fullmatch(letter.address) or letter.address.count("@") != 1:
            raise Declined("邮箱地址无效: 请更正收件人的地址")
        try:
            mail = compose(self._config, letter)
        except (ValueError, IndexError):
            raise Declined("邮件无法生成: 地址或附件有误") from None
        loop, deadline = asyncio.get_running_loop(), Deadline()
        timer = loop.call_later(self._config.answer_s, deadline.pass_by)
        try:
            return Sent(await loop.run_in_executor(self._threads, self._deliver, mail, letter.address, deadline))
        except asyncio.CancelledError:
            deadline.pass_by()  # nobody hears any more what the thread would say
            raise
        finally:
            timer.cancel()

    def _deliver(self, mail: EmailMessage, to: str, deadline: Deadline) -> str:
        line: _Line | None = None
        try:
            line = self._taken(deadline) or self._opened(deadline)
            said = hand_over(line.smtp, self._config.address, to, mail.as_bytes())
        except Exception as error:
            if line is not None:
                line.smtp.close()
            raise _failed(error) from None
        finally:
            deadline.forget()
        line.mails, line.idle_since = line.mails + 1, time.monotonic()
        self._lines.append(line)
        return said[:200]

    def _opened(self, deadline: Deadline) -> _Line:
        return _Line(connected(self._config.server, self._config.answer_s / 2, deadline))

    def _taken(self, deadline: Deadline) -> _Line | None:
        """One that is kept and still answers: a server that has hung up would make the letter late, or unsure."""
        while True:
            try:
                line = self._lines.pop()
            except IndexError:
                return None
            old = line.mails >= MOST_MAILS or time.monotonic() - line.idle_since > KEPT_S
            if not old and _is_watched(line, deadline) and is_alive(line.smtp):
                return line
            line.smtp.close()


def _is_watched(line: _Line, deadline: Deadline) -> bool:
    """False where the connection is gone, or the time is over."""
    if line.smtp.sock is None:
        return False
    try:
        deadline.watch(line.smtp.sock)
    except OSError:
        return False
    return True


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
