"""From the bytes of a mail to a message: who, what, which conversation; machines are not heard."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.channels.mail.parse import Mail, address_after, parse_mail
from services.intake.channels.reading import BadPayload
from tests.unit.intake.channels_mail.mails import PNG, attached, mail, multipart, winmail, word

RECEIVED = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def parsed(raw: bytes) -> Mail:
    found = parse_mail(raw, RECEIVED, frozenset({"desk@yibao.example"}))
    assert found is not None
    return found


def test_a_mail_becomes_a_message_with_an_address_to_answer() -> None:
    raw = mail(
        "2207 报错：交易超时".encode("gbk"),
        subject=f"回复: {word('门诊结算失败', 'gb2312')}",
        type_="text/plain; charset=gb2312",
        From=f"{word('县医院, 信息科', 'utf-8')} <Li@Hospital.example>",
        References="<root@hospital.example> <second@hospital.example>",
    )
    message, files, address = parsed(raw)
    assert (message.text, message.subject) == ("2207 报错：交易超时", "门诊结算失败")
    assert (message.sender.id, message.sender.name) == ("li@hospital.example", "县医院, 信息科")
    assert (message.message_id, files) == ("m1@hospital.example", [])
    assert message.occurred_at == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert address["to"] == "Li@Hospital.example"
    assert address["in_reply_to"] == "m1@hospital.example"
    assert address["references"].split() == ["root@hospital.example", "second@hospital.example", "m1@hospital.example"]


def test_all_mails_of_a_thread_are_one_conversation() -> None:
    first = parsed(mail(Message_ID="<root@a>")).message
    by_references = parsed(mail(Message_ID="<2@a>", References="<root@a> <1@a>", In_Reply_To="<1@a>")).message
    by_in_reply_to = parsed(mail(Message_ID="<3@a>", In_Reply_To="<root@a>")).message
    to_our_answer = parsed(mail(Message_ID="<4@a>", In_Reply_To=f"<{first.conversation_id}.0f@yibao.example>")).message
    conversations = {m.conversation_id for m in (first, by_references, by_in_reply_to, to_our_answer)}
    assert conversations == {first.conversation_id}
    assert parsed(mail(Message_ID="<other@a>")).message.conversation_id not in conversations


def test_a_mail_without_an_id_gets_one_of_its_bytes() -> None:
    one, same, other = (mail(body, Message_ID="") for body in (b"a", b"a", b"b"))
    ids = [parsed(raw).message.message_id for raw in (one, same, other)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    "raw",
    [
        mail(Auto_Submitted="auto-replied"),
        mail(Auto_Submitted="auto-generated (failure)"),
        mail(X_Autoreply="yes"),
        mail(From="MAILER-DAEMON@mx.example"),
        mail(Return_Path="<>"),
        mail(subject=word("自动回复: 我在休假", "utf-8")),
        mail(type_='multipart/report; report-type="delivery-status"; boundary="XX"'),
        mail(From="desk@yibao.example"),
    ],
)
def test_machines_and_our_own_mails_open_no_case(raw: bytes) -> None:
    assert parse_mail(raw, RECEIVED, frozenset({"desk@yibao.example"})) is None


def test_a_person_is_heard_though_the_header_says_no() -> None:
    assert parsed(mail(Auto_Submitted="no")).message.text == "hello"


@pytest.mark.parametrize(
    ("body", "claimed"),
    [
        ("门诊结算镕报错".encode("gb18030"), "gb2312"),
        ("门诊结算报错".encode("gb18030"), "utf-8"),
        ("门诊结算报错".encode(), "gb2312"),
        ("门诊结算报错".encode("gbk"), "us-ascii"),
        ("门诊结算报错".encode("gbk"), "x-nobody-knows"),
        ("門診結算報錯".encode("big5"), "big5"),
    ],
)
def test_a_wrong_charset_does_not_spoil_the_text(body: bytes, claimed: str) -> None:
    assert parsed(mail(body, type_=f"text/plain; charset={claimed}")).message.text[:2] in ("门诊", "門診")


def test_a_character_cut_between_two_encoded_words_is_whole_again() -> None:
    assert (
        parsed(mail(subject="=?gb2312?B?w8U=?= =?GB2312?B?1e+94cs=?=\r\n =?gb2312?B?4w==?=")).message.subject
        == "门诊结算"
    )


def test_raw_bytes_in_a_header_are_read() -> None:
    raw = mail(subject="@@").replace(b"@@", "转诊备案咨询".encode("gbk"))
    assert parsed(raw).message.subject == "转诊备案咨询"


def test_files_are_found_wherever_they_hide() -> None:
    type_, body = multipart(
        ("Content-Type: text/plain; charset=utf-8", "见附件".encode()),
        attached(word("结算明细.xlsx", "gb2312"), b"PK\x03\x04..."),
        attached("直接写的.txt", b"x"),
        ("Content-Type: text/plain\r\nContent-Disposition: attachment; filename*=utf-8''%E7%A5%A8.txt", b"x"),
        ("Content-Type: image/png\r\nContent-ID: <1>\r\nContent-Disposition: inline", PNG),
        ("Content-Type: image/gif\r\nContent-Disposition: inline", b"GIF89a spacer"),
        attached("winmail.dat", winmail(("票据.pdf", b"%PDF-1.4"), ("空.txt", b"")), "application/ms-tnef"),
        ("Content-Type: message/rfc822", mail(b"inner")),
    )
    found = parsed(mail(body, type_=type_))
    assert found.message.text == "见附件"
    assert [f.name for f in found.files] == [
        "结算明细.xlsx",
        "直接写的.txt",
        "票.txt",
        "附件.png",
        "票据.pdf",
        "附件.eml",
    ]
    assert found.files[4].data == b"%PDF-1.4"
    assert b"inner" in found.files[5].data


def test_the_text_of_a_page_is_read_where_there_is_no_plain_one() -> None:
    page = "<style>p{}</style><div>2207 报错</div><p>金额 186.5&nbsp;元</p><blockquote type=cite>旧邮件</blockquote>"
    type_, body = multipart(
        ("Content-Type: text/plain", b" "),
        ("Content-Type: text/html; charset=utf-8", page.encode()),
        kind="alternative",
    )
    assert parsed(mail(body, type_=type_)).message.text == "2207 报错\n\n金额 186.5 元"


def test_a_mail_with_nothing_but_a_subject_is_its_subject() -> None:
    assert parsed(mail(b"  ", subject="Re: 2207")).message.text == "2207"


BASES = [
    mail("2207 报错".encode("gbk"), subject=word("结算", "gb2312"), type_="text/plain; charset=gb2312"),
    mail(multipart(attached("a.txt", b"x"), attached("w", winmail(("a", b"b"))))[1], type_=multipart()[0]),
    mail(b"<p>x<blockquote>y</p><![x", type_="text/html; charset=utf-7"),
]


@given(st.sampled_from(BASES), st.integers(0, 900), st.binary(max_size=30), st.integers(0, 40))
@example(BASES[0], 25, b"\xff\xfe<", 4)
def test_a_damaged_mail_is_a_message_or_refused_and_never_an_error(raw: bytes, at: int, new: bytes, cut: int) -> None:
    damaged = raw[:at] + new + raw[at + cut :]
    try:
        found = parse_mail(damaged, RECEIVED)
    except BadPayload as refused:
        assert str(refused)
    else:
        assert found is None or found.message.model_dump_json().encode()


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_refused(raw: bytes) -> None:
    try:
        found = parse_mail(raw, RECEIVED)
    except BadPayload as refused:
        assert str(refused)
    else:
        assert found is None or found.message.sender.id


@given(st.text(max_size=200), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_what_is_written_in_any_encoding_arrives(text: str, charset: str) -> None:
    wanted = "结算报错" + text.encode("utf-8", "ignore").decode()
    raw = mail(b"", type_=f"text/html; charset={charset}") + wanted.replace("<", "").replace("&", "").encode(charset)
    assert "结算报错" in parsed(raw).message.text


def test_a_thread_is_answered_where_it_began() -> None:
    first = parsed(mail(From="li@h.example", Reply_To="office@h.example", Message_ID="<1@a>"))
    assert (first.address["to"], first.address["from"]) == ("office@h.example", "li@h.example")
    assert address_after(None, first) == first.address
    other = parsed(mail(From="eve@e.example", References="<1@a>", Message_ID="<2@a>"))
    assert address_after(first.address, other) == {}
    again = parsed(mail(From="LI@h.example", References="<1@a>", Message_ID="<3@a>"))
    assert address_after(first.address, again) == again.address
    assert address_after({"to": "li@h.example"}, again) == again.address, "remembered before there was a from"
    staff = again.message.sender.model_copy(update={"role": "staff"})
    colleague = again._replace(message=again.message.model_copy(update={"sender": staff}))
    assert address_after(None, colleague) == {}


def test_a_reply_to_elsewhere_is_not_followed() -> None:
    assert parsed(mail(From="li@h.example", Reply_To="eve@e.example")).address["to"] == "li@h.example"
