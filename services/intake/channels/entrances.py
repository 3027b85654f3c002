"""The mailbox and the import of sheets, opened beside the channels that call in."""

from chassis.service import Service
from chassis.vault import Vault
from services.intake.channels.attachments.kept import Attachments
from services.intake.channels.config import Channels
from services.intake.channels.imports.kept import Imports
from services.intake.channels.mail.sending import MailSender
from services.intake.channels.mail.settings import MailSettings
from services.intake.channels.ports import Ports


async def open_entrances(service: Service, channels: Channels, vault: Vault, attachments: Attachments) -> None:
    """`service.state` needs `ports` and has `imports` then, and a sender of mails. Raises ConfigError."""
    imports = service.state["imports"] = Imports(service.db, service.outbox, vault)
    await imports.prepare()
    if (settings := channels.section("email", MailSettings)) is None:
        return
    # Here and not above: who has no mailbox does not pay for imapclient.
    from services.intake.channels.mail.mailbox import Mailbox

    ports: Ports = service.state["ports"]
    service.background("mailbox", Mailbox(settings, service.db, ports, attachments).run())
    if settings.smtp is not None:
        service.state.setdefault("senders", {})["email"] = MailSender(settings).send
