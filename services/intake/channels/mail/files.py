"""The files of a mail: kept before the mail is published, or named in its text where they cannot be kept."""

from chassis.errors import Refused
from contracts.channel import Attachment, ChannelMessage
from services.intake.channels.attachments.kept import PER_MESSAGE, Attachments
from services.intake.channels.mail.parse import NO_TEXT, Mail
from services.intake.channels.mail.parts import File


async def with_files(attachments: Attachments, mail: Mail, complete: bool) -> ChannelMessage:
    """The message with its attachments; `complete` is false where only the beginning of the mail was read."""
    kept, notes = await _keep(attachments, mail.files)
    if not complete:
        notes.append("[邮件过大, 只读取了开头: 请到邮箱查看全文]")
    text = "" if mail.message.text == NO_TEXT and kept else mail.message.text
    text = "\n".join(filter(None, (text, *notes)))
    return mail.message.model_copy(update={"attachments": tuple(kept), "text": text})


async def _keep(attachments: Attachments, files: list[File]) -> tuple[list[Attachment], list[str]]:
    """The files that are kept, and a line for each that is not."""
    kept: list[Attachment] = []
    notes: list[str] = []
    for file in files[:PER_MESSAGE]:
        try:
            kept.append(await attachments.keep(file.name, file.data, file.media_type))
        except Refused as error:
            notes.append(f"[未保存: {error}]")
    if (more := len(files) - PER_MESSAGE) > 0:
        notes.append(f"[另有 {more} 个附件未保存: 每封邮件最多 {PER_MESSAGE} 个]")
    return kept, notes
