"""Mails in a real mailbox become cases, once; answers go back into their thread."""

import json
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from chassis.posting import SendFailed
from services.intake.channels.mail.parse import conversation_id_of
from services.intake.channels.mail.sending import MailSender
from services.intake.channels.mail.settings import MailSettings
from tests.integration.cases import NOBODY, STAFF
from tests.support.desk import Desk, desk_in
from tests.support.imap import PASSWORD, ImapServer, certify, imap_server, needs_dovecot
from tests.support.smtp import SmtpSink, smtp_sink
from tests.support.traces import Json
from tests.support.wait import until
from tests.unit.intake.channels_mail.mails import PNG, attached, mail, multipart, word

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
ADDRESS = "desk@yibao.example"


class Post(NamedTuple):
    desk: Desk
    imap: ImapServer
    smtp: SmtpSink

    async def outcome(self, message_id: str) -> Json:
        """The case in which a mail ended up."""

        async def look() -> Json | None:
            answer: Json = await self.desk.get("intake", f"/messages/email/{message_id}")
            return answer if "outcome" in answer else None

        return await until(f"{message_id} is in a case", look)

    async def timeline(self, case: str) -> list[Json]:
        read: Json = await self.desk.get("intake", f"/cases/{case}")
        return list(read["timeline"])


def settings(imap: ImapServer, smtp: SmtpSink) -> dict[str, Any]:
    login = {"host": "127.0.0.1", "user": "desk", "password": PASSWORD, "ca_file": str(imap.home / "cert.pem")}
    return {
        "address": ADDRESS,
        "imap": {**login, "port": imap.tls_port, "poll_s": 2},
        "smtp": {**login, "port": smtp.port},
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def post(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    directory = tmp_path_factory.mktemp("mail")
    async with imap_server(directory / "dovecot.log") as imap, smtp_sink(imap.home) as smtp:
        config = directory / "channels.yaml"
        config.write_text(json.dumps({"email": settings(imap, smtp)}))  # JSON is YAML
        imap.deliver("desk", written("before@h.example", "上线前的邮件"))
        async with desk_in(directory, "intake", YIBAO_CHANNELS=str(config)) as desk:
            yield Post(desk, imap, smtp)


def written(message_id: str, text: str = "2207 报错", **headers: str) -> bytes:
    return mail(
        text.encode("gbk"), type_="text/plain; charset=gb2312",
        **{"Message_ID": f"<{message_id}>", "subject": word("门诊结算失败", "gb2312"), "Date": formatdate(), **headers},
    )  # fmt: skip


@needs_dovecot
async def test_a_mail_opens_a_case_and_its_answer_goes_back_into_the_thread(post: Post) -> None:
    post.imap.deliver("desk", written("first@h.example", From="li@h.example"))
    case = await post.outcome("first@h.example")
    assert (case["outcome"], case["channel"], case["requester_id"]) == ("case", "email", "l***@h.example")
    url = post.desk.url("intake", f"/cases/{case['id']}/respond")
    answer = await post.desk.http.post(url, json={"text": "请重新签到后再试"}, headers=STAFF)
    assert answer.status_code == 200, answer.text

    async def sent() -> Any:
        return next((m for m in post.smtp.mails if m["To"] == "li@h.example"), None)

    reply = await until("the answer is sent", sent)
    assert reply.get_payload(decode=True).decode().strip() == "请重新签到后再试"
    assert (reply["In-Reply-To"], reply["References"]) == ("<first@h.example>", "<first@h.example>")
    again = written(
        "again@h.example", "还是不行", In_Reply_To=reply["Message-ID"], subject="Re: x", From="li@h.example"
    )
    post.imap.deliver("desk", again)
    assert (await post.outcome("again@h.example"))["id"] == case["id"]


@needs_dovecot
async def test_files_of_a_mail_can_be_fetched_and_programs_are_named_and_left_out(post: Post) -> None:
    type_, body = multipart(
        ("Content-Type: text/plain; charset=utf-8", "见附件".encode()),
        attached(word("截图.png", "gb2312"), PNG),
        attached("升级.exe", b"MZ\0\0"),  # the name as bare bytes
    )
    post.imap.deliver("desk", mail(body, type_=type_, Message_ID="<files@h.example>", Date=formatdate()))
    case = await post.outcome("files@h.example")
    [opened] = [e for e in await post.timeline(case["id"]) if e["type"] == "case.opened"]
    [kept] = opened["attachments"]
    assert (kept["name"], kept["kind"], kept["size"]) == ("截图.png", "image", len(PNG))
    assert "升级.exe 是程序或脚本" in opened["text"]
    url = post.desk.url("intake", kept["url"])
    assert (await post.desk.http.get(url, headers=NOBODY)).status_code == 401
    file = await post.desk.http.get(url, headers=STAFF)
    assert (file.content, file.headers["content-type"]) == (PNG, "image/png")
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["x-content-type-options"] == "nosniff"
    missing = await post.desk.http.get(post.desk.url("intake", "/attachments/" + "0" * 64), headers=STAFF)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@needs_dovecot
async def test_machines_open_no_case_and_unreadable_mails_are_flagged_for_people(post: Post) -> None:
    automatic = written("auto@h.example", Auto_Submitted="auto-replied")
    nobody = mail(b"x", From="", Message_ID="<nobody@h.example>")
    post.imap.deliver("desk", automatic, nobody, written("after@h.example"))
    await post.outcome("after@h.example")
    assert (await post.desk.get("intake", "/messages/email/auto@h.example"))["code"] == "not_found"

    async def marked() -> bool:
        return post.imap.flags("desk")[-3:] == [set(), {b"\\Flagged"}, {b"\\Seen"}]

    await until("the mails are marked", marked)


@needs_dovecot
async def test_nothing_is_lost_or_doubled_when_intake_dies_and_the_mailbox_is_numbered_anew(post: Post) -> None:
    assert (await post.outcome("before@h.example"))["outcome"] == "case", "mails of the last days are read at first"
    await post.desk.kill("intake")
    post.imap.deliver("desk", written("while@h.example"))
    post.imap.number_anew("desk")
    await post.desk.start("intake", YIBAO_CHANNELS=str(post.desk.settings.data_dir / "channels.yaml"))
    await post.outcome("while@h.example")
    post.imap.deliver("desk", written("last@h.example"))
    await post.outcome("last@h.example")
    said = [e for e in await post.desk.stream("CASE") if e["type"] in ("case.opened", "case.message_added")]
    ids = [e["message_id"] for e in {e["id"]: e for e in said}.values()]
    assert sorted(ids) == sorted(set(ids)), "each mail is in a case once"
    assert {"before@h.example", "while@h.example", "last@h.example"} <= set(ids)
    dead = await post.desk.stream("DEAD")
    assert dead == []


@needs_dovecot
async def test_reading_goes_on_after_the_mail_server_was_away_and_ends_in_time(post: Post) -> None:
    await post.imap.process.kill()
    await post.imap.process.start()
    await post.imap.answers()
    post.imap.deliver("desk", written("back@h.example"))
    await post.outcome("back@h.example")
    assert (await post.desk.get("intake", "/health/ready"))["ready"]
    await post.desk.stop("intake")


@pytest_asyncio.fixture(loop_scope="module")
async def sink(tmp_path: Path) -> AsyncIterator[tuple[SmtpSink, MailSender]]:
    certify(tmp_path)
    async with smtp_sink(tmp_path) as server:
        smtp = {"host": "127.0.0.1", "port": server.port, "user": "u", "ca_file": str(tmp_path / "cert.pem")}
        facts = {"address": ADDRESS, "imap": {"host": "127.0.0.1"}, "smtp": smtp}
        yield server, MailSender(MailSettings.model_validate(facts))


TO = {"to": "li@h.example", "conversation": conversation_id_of(["a@b"]), "subject": "结算", "in_reply_to": "a@b"}


@pytest.mark.parametrize(
    ("verb", "answer", "permanent", "unsure"),
    [
        ("RCPT", "550 no such user", True, False),
        ("RCPT", "450 try later", False, False),
        ("MAIL", "553 not yours", True, False),
        ("AUTH", "535 no", False, False),
        ("EHLO", None, False, False),
        ("DATA", "554 spam", True, False),
        ("DATA", "451 later", False, False),
        ("DATA", None, False, True),
    ],
)
async def test_a_failed_sending_says_whether_it_may_be_tried_again(
    sink: tuple[SmtpSink, MailSender], verb: str, answer: str | None, permanent: bool, unsure: bool
) -> None:
    server, sender = sink
    server.answers[verb] = answer
    with pytest.raises(SendFailed) as failed:
        await sender.send(TO, "您好")
    assert (failed.value.permanent, failed.value.unsure) == (permanent, unsure)
    server.answers.clear()
    await sender.send(TO, "您好\n.\n完")
    [body] = [m.get_payload(decode=True) for m in server.mails]
    assert isinstance(body, bytes)
    assert body.decode().split() == ["您好", ".", "完"]


async def test_what_the_server_has_taken_is_sent_though_it_says_goodbye_badly(
    sink: tuple[SmtpSink, MailSender],
) -> None:
    server, sender = sink
    server.answers["QUIT"] = None
    await sender.send(TO, "您好")
    assert len(server.mails) == 1


async def test_an_address_cannot_smuggle_in_another_recipient(sink: tuple[SmtpSink, MailSender]) -> None:
    server, sender = sink
    for to in ("", "li@h.example\r\nBcc: x@y.example", "李@医院.example"):
        with pytest.raises(SendFailed) as failed:
            await sender.send({**TO, "to": to}, "您好")
        assert failed.value.permanent
    assert server.mails == []
