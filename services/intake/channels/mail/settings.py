"""The section `email` of the channel file: the mailbox that is read, and the server that sends answers."""

import ssl
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from services.intake.channels.config import Section, is_loopback

Tls = Literal["implicit", "starttls", "none"]


class Server(BaseModel):
    """A mail server. `ca_file` is the certificate of an authority of one's own; `tls: none` is for loopback alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int = Field(ge=1, le=65535)
    tls: Tls = "implicit"
    user: str = ""
    password: SecretStr = SecretStr("")
    ca_file: str = ""

    @model_validator(mode="after")
    def _keeps_secrets(self) -> Self:
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError("tls: none is for loopback alone")
        return self

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file or None)


class ImapServer(Server):
    """`rescan_days`: how far back a mailbox is read that was never read before, or that its server numbered anew."""

    port: int = Field(993, ge=1, le=65535)
    folder: str = "INBOX"
    poll_s: float = Field(60.0, ge=1, description="Look at least so often, also where the server tells by itself")
    rescan_days: int = Field(3, ge=0, le=60)
    mark_seen: bool = True


class SmtpServer(Server):
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
