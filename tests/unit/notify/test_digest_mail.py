"""A report and a deadline as a mail program sees them: the picture inside the page, the calendar beside it."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import icalendar

from contracts.stats import ReportTable
from services.notify.digests.enclosures import with_table
from services.notify.digests.invitation import deadline
from services.notify.providers.kinds import Email
from services.notify.transports.mails import compose
from services.notify.transports.port import Letter

DUE = datetime(2026, 12, 11, 10, 0, tzinfo=UTC)
TABLE = ReportTable(title="汇总", columns=("险种", "笔数"), rows=(("职工", "12"), ("居民", "7")), draw=1)
LETTER = Letter("d1", "a1", "staff:wang", "w@example.org", "normal", "报表已完成", "采用 19 行")


CONFIG = Email.model_validate(
    {"kind": "email", "address": "desk@example.org", "server": {"host": "127.0.0.1", "port": 465}}
)


def mailed(letter: Letter) -> EmailMessage:
    """The mail, as it arrives."""
    arrived = message_from_bytes(compose(CONFIG, letter).as_bytes(), policy=SMTP)
    assert isinstance(arrived, EmailMessage)
    return arrived


def test_the_chart_is_shown_inside_the_page_by_its_content_id() -> None:
    letter = with_table(LETTER, TABLE, "html")
    mail = mailed(letter)
    page = mail.get_body(("html",))
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert page is not None and f'src="cid:{picture["Content-ID"].strip("<>")}"' in page.get_content()
    assert picture.get_content_disposition() == "inline" and picture.get_content() == letter.files[0][2]
    assert [part.get_content_type() for part in mail.walk()][:3] == [
        "multipart/alternative", "text/plain", "multipart/related",
    ]  # fmt: skip
    assert not list(mail.iter_attachments())


def test_a_deadline_comes_as_a_file_for_the_calendar_with_the_id_of_the_feed() -> None:
    file = deadline(UUID(int=7), DUE, "义务提醒: 对账 2026年11月", "截止 12-11 18:00, 还有 3 个工作日", DUE)
    letter = Letter("d1", "a1", "staff:wang", "w@example.org", "high", "义务提醒", "对账", files=(file,))
    [attached] = mailed(letter).iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("deadline.ics", "text/calendar")
    assert attached.get_param("method") == "PUBLISH"
    payload = attached.get_payload(decode=True)
    assert isinstance(payload, bytes)
    [event] = icalendar.Calendar.from_ical(payload).walk("VEVENT")
    assert (str(event["UID"]), event.decoded("DTSTART")) == (f"{UUID(int=7)}@yibao-desk", DUE)
    assert "对账" in str(event["SUMMARY"]) and len(event.walk("VALARM")) == 1


def test_a_mail_of_words_alone_stays_one_part() -> None:
    assert [part.get_content_type() for part in mailed(LETTER).walk()] == ["text/plain"]
