"""Alerts by mail: their shape, their connections, and what each step of SMTP says of a failure."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path

import pytest

from chassis.configfile import MailServer
from chassis.posting import Declined, Later, SendFailed
from chassis.smtp import connected, hand_over, leave
from services.notify.providers.kinds import Email as Config
from services.notify.transports.email import MOST_MAILS, Email
from services.notify.transports.words import REPEAT
from tests.integration.transports import LINK, Bench, transports

FILE = ("八月日报.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with transports(tmp_path, "mail", timeout_s=2) as made:
        yield made


def parsed(mail: Message) -> EmailMessage:
    found = message_from_bytes(mail.as_bytes(), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


async def test_a_letter_is_a_mail_with_text_html_and_files(bench: Bench) -> None:
    await bench.send("mail", html=f'<p>正文</p><a href="{LINK}">确认</a>', files=(FILE,))
    mail = parsed(bench.there.mail.mails[0])
    assert (mail["To"], mail["Subject"]) == ("zhang@h.example", "【紧急】接口超时")
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Importance"] == "High"
    assert LINK in text_of(mail, "plain") and "结算接口 10 分钟没有应答" in text_of(mail, "plain")
    assert LINK in text_of(mail, "html")
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == FILE


async def test_a_picture_that_the_html_names_is_shown_in_it_and_a_calendar_keeps_its_method(bench: Bench) -> None:
    chart, event = (
        ("chart.png", "image/png", b"\x89PNG"),
        ("截止.ics", "text/calendar; method=PUBLISH", b"BEGIN:VCALENDAR"),
    )
    await bench.send("mail", html='<img src="cid:chart.png">', files=(chart, event))
    mail = parsed(bench.there.mail.mails[0])
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "text/calendar" and attached["Content-Type"].params["method"] == "PUBLISH"
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<chart.png>" and picture.get_content_disposition() == "inline"


async def test_every_attempt_has_the_same_id_and_a_repetition_says_so(bench: Bench) -> None:
    await bench.send("mail")
    await bench.send("mail", repeat=True)
    await bench.send("mail", id="alert-2.0")
    first, again, other = (parsed(mail) for mail in bench.there.mail.mails)
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert again["Subject"] == f"{REPEAT}【紧急】接口超时" and REPEAT in text_of(again, "plain")
    assert "alert-1" not in first["Message-ID"]


async def test_what_somebody_typed_cannot_become_a_header(bench: Bench) -> None:
    await bench.send("mail", title="一\r\nBcc: all@h.example", body="正文\r\n.\r\nQUIT\r\n..两点")
    mail = parsed(bench.there.mail.mails[0])
    assert mail["Bcc"] is None and mail["Subject"] == "一 Bcc: all@h.example"
    assert "..两点" in text_of(mail, "plain")


async def test_a_connection_is_kept_and_renewed_after_many_mails(bench: Bench) -> None:
    for number in range(MOST_MAILS + 1):
        await bench.send("mail", id=f"alert-{number}.0")
    assert bench.there.mail.connections == 2 and len(bench.there.mail.mails) == MOST_MAILS + 1


async def test_a_connection_that_the_server_has_closed_is_opened_anew(bench: Bench) -> None:
    await bench.send("mail")
    bench.there.mail.hang_up()
    await bench.send("mail")
    assert bench.there.mail.connections == 2 and len(bench.there.mail.mails) == 2


@pytest.mark.parametrize(
    ("verb", "answer", "kind", "unsure"),
    [
        ("EHLO", None, Later, False),
        ("MAIL", None, Later, False),
        ("RCPT", None, Later, False),
        ("DATA", None, SendFailed, True),
        ("MAIL", "550 who are you", SendFailed, False),
        ("MAIL", "421 too busy", Later, False),
        ("RCPT", "550 no such user", Declined, False),
        ("RCPT", "450 greylisted", Later, False),
        ("DATA", "554 spam", Declined, False),
        ("DATA", "451 try later", Later, False),
    ],
)
async def test_each_step_says_what_became_of_the_mail(
    bench: Bench, verb: str, answer: str | None, kind: type[SendFailed], unsure: bool
) -> None:
    bench.there.mail.answers[verb] = answer
    if verb == "EHLO":
        bench.there.mail.answers["HELO"] = answer
    with pytest.raises(SendFailed) as failed:
        await bench.send("mail")
    assert type(failed.value) is kind and failed.value.unsure is unsure
    assert "zhang" not in str(failed.value) and not bench.there.mail.mails
    bench.there.mail.answers.clear()
    await bench.send("mail")
    assert len(bench.there.mail.mails) == 1


@pytest.mark.parametrize(
    "address", ["", "zhang", "a@b@c", "张@h.example", "a@h.example\r\nRCPT TO:<b@h.example>", "a b@c"]
)
async def test_what_is_no_mailbox_is_declined_unsent(bench: Bench, address: str) -> None:
    with pytest.raises(Declined, match="邮箱"):
        await bench.send("mail", address=address)
    assert bench.there.mail.connections == 0


async def test_a_wrong_password_is_for_an_operator_and_is_not_shown(bench: Bench) -> None:
    bench.there.mail.answers["AUTH"] = "535 no"
    server = {"host": "127.0.0.1", "port": bench.there.mail.port, "tls": "none", "user": "d", "password": "hush-hush"}
    config = Config.model_validate({"kind": "email", "address": "d@h.example", "server": server})
    with pytest.raises(SendFailed, match="授权码") as failed:
        await Email(config).send(bench.letter("mail"))
    assert failed.value.permanent and "hush" not in str(failed.value)


@pytest.mark.parametrize(
    ("verb", "answer", "for_one"),
    [("RCPT", "450 greylisted", True), ("RCPT", "421 too busy", False), ("MAIL", "451 try later", False)],
)
async def test_a_full_mailbox_keeps_nobody_else_waiting(bench: Bench, verb: str, answer: str, for_one: bool) -> None:
    bench.there.mail.answers[verb] = answer
    with pytest.raises(Later) as failed:
        await bench.send("mail")
    assert failed.value.for_one is for_one


async def test_lines_that_begin_with_a_dot_arrive_as_they_were(bench: Bench) -> None:
    server = MailServer(host="127.0.0.1", port=bench.there.mail.port, tls="none")
    smtp = await asyncio.to_thread(connected, server, 2.0)
    content = b"Subject: dots\n\n.\n..two\nend.\n"
    await asyncio.to_thread(hand_over, smtp, "a@h.example", "b@h.example", content)
    await asyncio.to_thread(leave, smtp)
    assert bench.there.mail.mails[0].get_payload() == ".\r\n..two\r\nend.\r\n"
