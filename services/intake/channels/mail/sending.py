"""Answers by mail: into the thread of the question, so that the requester's mail program shows them together."""

import asyncio
import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime
from hashlib import sha256

from chassis.posting import SendFailed
from chassis.smtp import Lost, Refused, Step, connected, hand_over, leave
from services.intake.channels.mail.settings import MailSettings, SmtpServer

TIMEOUT_S = 20.0
_REFUSED: dict[Step, str] = {
    "login": "发信邮箱登录失败: 请检查渠道配置中的用户名和授权码", "from": "发件地址被邮件服务器拒绝 ({})",
    "to": "收件地址被邮件服务器拒绝 ({})", "data": "邮件服务器拒收 ({})",
}  # fmt: skip
_MAILBOX = re.compile(r"[!-~]+@[!-~]+")
_POLICY = SMTP.clone(max_line_length=200)


class MailSender:
    """Sends through the SMTP server of the settings."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(self, address: Mapping[str, str], text: str) -> None:
        """Raises SendFailed: `permanent` when the server will never take it, `unsure` when it may have."""
        if self._settings.smtp is None:
            raise SendFailed("没有配置发信服务器: 请在渠道配置的 email 中填写 smtp", permanent=True)
        try:
            mail = compose(self._settings, address, text)
        except (ValueError, KeyError, IndexError) as error:
            raise SendFailed("收件地址无效: 请改用电话联系", permanent=True) from error
        await asyncio.to_thread(deliver, self._settings.smtp, mail)


def compose(settings: MailSettings, address: Mapping[str, str], text: str) -> EmailMessage:
    """The answer. Its id names the conversation and is derived, so that sending twice is recognised as one mail."""
    if not _MAILBOX.fullmatch(address["to"]):
        raise ValueError("not one mailbox")
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = formataddr((settings.name, settings.address))
    mail["To"] = address["to"]
    mail["Subject"] = f"Re: {address.get('subject') or '您的咨询'}"
    mail["Date"] = localtime()
    said = address.get("reply_id", "").replace("-", "") or _digest(address.get("in_reply_to", ""), text)
    mail["Message-ID"] = f"<{address['conversation']}.{said}@{settings.address.partition('@')[2]}>"
    if in_reply_to := address.get("in_reply_to"):
        mail["In-Reply-To"] = f"<{in_reply_to}>"
        mail["References"] = " ".join(f"<{id_}>" for id_ in address.get("references", in_reply_to).split())
    mail.set_content(text, cte="base64")
    return mail


def _digest(*said: str) -> str:
    return sha256("\x1f".join(said).encode("utf-8", "replace")).hexdigest()[:32]


def deliver(server: SmtpServer, mail: EmailMessage) -> None:
    """Hand one mail to the server. Raises SendFailed. Blocks."""
    smtp = None
    try:
        smtp = connected(server, TIMEOUT_S)
        hand_over(smtp, mail["From"].addresses[0].addr_spec, mail["To"].addresses[0].addr_spec, mail.as_bytes())
    except Refused as error:
        permanent = error.step != "login" and error.code >= 500
        raise SendFailed(_REFUSED[error.step].format(error.code), permanent=permanent) from error
    except UnicodeEncodeError as error:
        raise SendFailed("收件地址无效: 请改用电话联系", permanent=True) from error
    except Lost as error:
        raise SendFailed(f"连不上发信服务器: {error}", unsure=error.handed) from error
    finally:
        if smtp is not None:
            leave(smtp)
