"""The section `email` of the channel file: the mailbox that is read, and the server that sends answers."""

from pydantic import Field

from chassis.configfile import MailServer
from services.intake.channels.config import Section


class ImapServer(MailServer):
    """`rescan_days`: how far back a mailbox is read that was never read before, or that its server numbered anew."""

    port: int = Field(993, ge=1, le=65535)
    folder: str = "INBOX"
    poll_s: float = Field(60.0, ge=1, description="Look at least so often, also where the server tells by itself")
    rescan_days: int = Field(3, ge=0, le=60)
    mark_seen: bool = True


class SmtpServer(MailServer):
    """Without `user` no sign-in."""

    port: int = Field(465, ge=1, le=65535)


class MailSettings(Section):
    """`address` is the desk's own mailbox: what comes from it opens no case. Without `smtp` nothing is sent."""

    address: str = Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")
    name: str = "医保服务台"
    aliases: tuple[str, ...] = ()
    imap: ImapServer
    smtp: SmtpServer | None = None

    @property
    def ours(self) -> frozenset[str]:
        return frozenset(a.lower() for a in (self.address, *self.aliases))
