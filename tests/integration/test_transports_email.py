"""Alerts by mail: their shape, their connections, and what each step of SMTP says of a failure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
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
    async with transports(tmp_path, "mail") as made:
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


@asynccontextmanager
async def endless(after: bytes) -> AsyncIterator[int]:
    """A server whose answer to this line never ends; empty: its greeting."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line, in_mail = b"", False
        with suppress(ConnectionError):
            while not line.lower().startswith(after):
                in_mail = in_mail or line == b"DATA\r\n"
                say = {b"": b"220 hi\r\n", b"DATA\r\n": b"354 go on\r\n"}.get(line, b"" if in_mail else b"250 ok\r\n")
                writer.write(say)
                line = await reader.readline()
            writer.write(b"250-")
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def at(port: int, **more: object) -> Email:
    server = {"host": "127.0.0.1", "port": port, "tls": "none"}
    return Email(Config.model_validate({"kind": "email", "address": "d@h.example", "server": server, **more}))


@pytest.mark.parametrize("after", [b"", b"ehlo", b"mail", b"rcpt"])
async def test_a_server_without_end_is_left_in_time_and_nothing_was_sent(bench: Bench, after: bytes) -> None:
    async with endless(after) as port:
        slow = at(port, timeout_s=0.5)
        async with asyncio.timeout(20):
            with pytest.raises(Later) as failed:
                await slow.send(bench.letter("mail"))
    assert not failed.value.unsure


async def test_a_server_without_end_after_the_mail_is_unsure(bench: Bench) -> None:
    async with endless(b".\r\n") as port:
        with pytest.raises(SendFailed) as failed:
            await at(port, timeout_s=0.5).send(bench.letter("mail"))
    assert failed.value.unsure


async def test_a_server_that_hangs_holds_up_no_other_provider(bench: Bench) -> None:
    async with endless(b"") as port:
        slow = at(port, timeout_s=15, workers=4)
        hanging = [asyncio.create_task(slow.send(bench.letter("mail", id=f"a.{n}"))) for n in range(40)]
        await bench.send("mail")
        assert not any(task.done() for task in hanging)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)


async def test_an_answer_that_is_none_after_the_mail_is_unsure(bench: Bench) -> None:
    bench.there.mail.answers["DATA"] = "what?"
    with pytest.raises(SendFailed) as failed:
        await bench.send("mail")
    assert failed.value.unsure and not failed.value.permanent


async def test_an_answer_that_is_none_before_the_mail_is_for_later(bench: Bench) -> None:
    bench.there.mail.answers["RCPT"] = "what?"
    with pytest.raises(Later):
        await bench.send("mail")


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
