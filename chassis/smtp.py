"""Handing one mail to an SMTP server, step by step: only once its content is on the way is it unsure. Blocks."""

import re
import smtplib
from contextlib import suppress
from typing import Any, Literal

from chassis.configfile import MailServer
from chassis.deadline import Deadline

Step = Literal["login", "from", "to", "data"]
_BROKEN = (smtplib.SMTPException, OSError)


class Refused(Exception):
    """The server said no at `step`, with its three digits: nothing was sent."""

    def __init__(self, step: Step, code: int) -> None:
        super().__init__(f"{step} {code}")
        self.step, self.code = step, code


class Lost(Exception):
    """No connection, or no longer; its text is the error's name. `handed`: the mail may have been taken."""

    def __init__(self, error: BaseException, *, handed: bool = False) -> None:
        super().__init__(type(error).__name__)
        self.handed = handed


class _Plain(smtplib.SMTP):
    """Tells a deadline of its connection before the server has said anything."""

    deadline: Deadline | None = None
    _host: str

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        made = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        try:
            if self.deadline is not None:
                self.deadline.watch(made)
        except OSError:
            made.close()
            raise
        return made


class _Tls(smtplib.SMTP_SSL, _Plain):
    """The same under TLS: the socket is `_Plain`'s."""


class Garbled(Exception):
    """An answer that is none."""


def connected(server: MailServer, timeout_s: float, deadline: Deadline | None = None) -> smtplib.SMTP:
    """A connection that is signed in. Raises Refused at `login`, Lost."""
    try:
        return _opened(server, timeout_s, deadline)
    except smtplib.SMTPAuthenticationError as error:
        raise Refused("login", error.smtp_code) from None
    except _BROKEN as error:
        raise Lost(error) from None


def _opened(server: MailServer, timeout_s: float, deadline: Deadline | None) -> smtplib.SMTP:
    is_tls = server.tls == "implicit"
    smtp = _Tls(timeout=timeout_s, context=server.context()) if is_tls else _Plain(timeout=timeout_s)
    smtp.deadline, smtp._host = deadline, server.host  # the name that STARTTLS checks; only the constructor sets it
    try:
        code, _ = smtp.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, b"")
        if server.tls == "starttls":
            smtp.starttls(context=server.context())
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password.get_secret_value())
    except BaseException:
        smtp.close()
        raise
    return smtp


def hand_over(smtp: smtplib.SMTP, sender: str, to: str, content: bytes) -> str:
    """One mail for one mailbox; what the server says of it, often its number in the queue.

    Raises Refused, Lost, UnicodeEncodeError where an address needs what the server cannot do.
    """
    handed = False
    try:
        _must(smtp.mail(sender), "from")
        _must(smtp.rcpt(to), "to")
        _must(smtp.docmd("DATA"), "data")
        handed = True
        smtp.send(_dotted(content))
        return _must(smtp.getreply(), "data")
    except Garbled as error:
        raise Lost(error, handed=handed) from None
    except _BROKEN as error:
        raise Lost(error, handed=handed) from None


def _dotted(content: bytes) -> bytes:
    """Lines as SMTP wants them: a leading dot is doubled, a dot alone ends the mail."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    return re.sub(rb"(?m)^\.", b"..", lines).removesuffix(b"\r\n") + b"\r\n.\r\n"


def is_alive(smtp: smtplib.SMTP) -> bool:
    """Whether a connection that was kept still answers."""
    try:
        return smtp.noop()[0] == 250
    except _BROKEN:
        return False


def leave(smtp: smtplib.SMTP) -> None:
    """Whatever goes wrong now changes nothing about the mail."""
    with suppress(*_BROKEN):
        smtp.quit()
    smtp.close()


def _must(answer: tuple[int, bytes], step: Step) -> str:
    code, said = answer
    if code < 200:  # smtplib's -1: no three digits, so nobody knows what it says
        raise Garbled
    if code >= 400:
        raise Refused(step, code)
    return said.decode("ascii", "replace")
