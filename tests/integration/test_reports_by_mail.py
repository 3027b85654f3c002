"""Reports on their way to people: what a run says about itself, and who gets the day's report, once."""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP
from typing import Any
from uuid import uuid4

import pytest

from chassis.outgoing import Outgoing
from chassis.zone import BEIJING
from contracts.envelope import SYSTEM
from contracts.sla import SlaBreached
from contracts.stats import RunFinished
from services.notify.digests.chart import values
from services.notify.digests.enclosures import with_table
from services.notify.digests.period import period
from services.notify.digests.reading import figures
from services.notify.digests.schedule import Reporter, report_id
from services.notify.transports.port import Letter
from tests.integration.proving import Json
from tests.integration.runs import STAFF, ended, requested, settlements, uploaded
from tests.support.desk import Desk, desk_in
from tests.support.imap import certify
from tests.support.smtp import smtp_sink
from tests.support.wait import until

FIRST, SECOND = "H62010290002", "H62010290004"
READERS = ("desk", "staff:wang", f"institution:{FIRST}")


async def test_a_finished_run_tells_its_first_rows_and_where_the_sheet_is(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("summary")
    async with desk_in(home, "stats", YIBAO_STATS_PUBLIC_URL="https://desk.example/stats/") as desk:
        run_id = await requested(desk, await uploaded(desk, settlements(2_000)), "once")
        run = await ended(desk, run_id)
        [told] = [e for e in await desk.stream("STATS") if e["type"] == "stats.finished"]
        table = RunFinished.model_validate(told).summary
        assert table is not None and run["result"]["summary"]["title"] == table.title == "医保基金支付汇总表"
        assert table.url == f"https://desk.example/stats/runs/{run_id}/output.xlsx"
        assert table.rows_out == len(table.rows) == 4
        money = values(table)
        assert money == sorted(money, reverse=True) and sum(money) == 200_000.0
        assert table.draw is not None and table.total[table.draw] == "200,000.00" and table.total[0] == "合计"
        assert any(row[0].startswith("310 ") for row in table.rows)

        letter = Letter("d1", "a1", "staff:wang", "w@example.org", "normal", "报表已完成", "采用 2000 行")
        mail = with_table(letter, table, "html")
        assert "cid:chart.png" in mail.html and table.url in mail.html and len(mail.files) == 1


PROVIDERS = """
providers:
  mail:
    kind: email
    server: {{host: 127.0.0.1, port: {port}, ca_file: {home}/cert.pem}}
    address: desk@example.org
"""


async def test_a_finished_report_arrives_with_its_table_and_a_picture_inside(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("mailed")
    certify(home)
    async with smtp_sink(home) as smtp, desk_in(home, "stats") as desk:
        (home / "providers.yaml").write_text(PROVIDERS.format(port=smtp.port, home=home))
        await desk.start("notify", YIBAO_NOTIFY_PROVIDERS=str(home / "providers.yaml"))
        wish = {"endpoints": [{"provider": "mail", "address": "wang@example.org"}]}
        url = desk.url("notify", "/settings/recipients/staff:wang")
        answer = await desk.http.put(url, json=wish, headers=STAFF)
        assert answer.status_code == 200, answer.text
        await ended(desk, await requested(desk, await uploaded(desk, settlements(500)), "once"))

        async def arrived() -> Message | None:
            return smtp.mails[0] if smtp.mails else None

        mail = message_from_bytes((await until("the mail is there", arrived)).as_bytes(), policy=SMTP)
        assert isinstance(mail, EmailMessage)
        text, page = mail.get_body(("plain",)), mail.get_body(("html",))
        [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
        assert text is not None and "险种类型" in text.get_content() and "50,000.00" in text.get_content()
        assert page is not None and "<table" in page.get_content()
        assert f"cid:{str(picture['Content-ID']).strip('<>')}" in page.get_content()
        assert picture.get_content_disposition() == "inline"


def breached(n: int, at: datetime, institution: str) -> SlaBreached:
    facts: Json = {"case_id": uuid4(), "number": f"YB-{n}", "clock": "first_response", "cycle": 1, "due_at": at}
    stamp: Json = {"id": uuid4(), "cause_id": uuid4(), "correlation_id": uuid4(), "version": 1, "occurred_at": at}
    more: Json = {"recorded_at": at, "actor": SYSTEM, "late_ms": 0, "institution_code": institution}
    return SlaBreached.model_validate({**facts, **stamp, **more})


async def say(desk: Desk, *events: Any) -> None:
    await desk.outbox.publish([Outgoing(e.type, e.model_dump_json().encode(), str(e.id)) for e in events])


def reporter(desk: Desk, readers: tuple[str, ...] = READERS) -> Reporter:
    """A process that has just been started."""
    named = {"daily_report": dict.fromkeys(readers, datetime(2026, 1, 1, tzinfo=UTC))}
    alerts = desk.mongo[desk.settings.mongo_db]["alerts"]
    return Reporter(desk.js, desk.outbox, alerts, lambda rule: named.get(rule, {}))


async def test_a_report_is_posted_once_to_those_who_want_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with desk_in(tmp_path_factory.mktemp("reports"), "notify") as desk:
        today = period("daily", (datetime.now(BEIJING) + timedelta(hours=6, minutes=30)).date())  # ends at 17:30
        inside, due = today.until - timedelta(hours=1), today.until + timedelta(minutes=2)
        await say(desk, breached(1, inside, FIRST), breached(2, inside, SECOND), breached(3, today.until, FIRST))

        async def posted(n: int) -> list[Json]:
            found = [a for a in await desk.documents("alerts") if a["state"]["rule"] == "daily_report"]
            return found if len(found) == n else []

        running = reporter(desk)
        assert await running.look(today.until) == 0
        assert await running.look(due) == 3
        assert await running.look(due) == 0
        alerts = {a["state"]["audiences"][0]: a for a in await until("all have theirs", lambda: posted(3))}
        assert {a["_id"] for a in alerts.values()} == {report_id(today, key) for key in READERS}
        assert "超时 2 次" in alerts["desk"]["state"]["body"]
        own = alerts[f"institution:{FIRST}"]["state"]["body"]
        assert "YB-1" in own and "YB-2" not in own and "YB-3" not in own

        assert await reporter(desk).look(due + timedelta(hours=20)) == 0
        assert await reporter(desk, (*READERS, "lead")).look(due + timedelta(hours=3)) == 1
        assert await reporter(desk, ("contact:x",)).look(due + timedelta(hours=25)) == 1, "only that of the next day"
        ids = {a["_id"] for a in await until("the lead has one, too", lambda: posted(5))}
        assert report_id(today, "lead") in ids and report_id(today, "contact:x") not in ids

        again = running.notice(await figures(desk.js, today), report_id(today, "desk"), "desk", due)
        await desk.outbox.publish([Outgoing(again.type, again.model_dump_json().encode())])
        await desk.handled("notify")
        queued = [e for e in await desk.stream("NOTIFY") if e["type"] == "notify.queued" and e["audience"] == "desk"]
        assert len({e["id"] for e in queued if e["rule"] == "daily_report"}) == 1

        day = f"{today.until:%Y-%m-%d}"
        code, said = await desk.command("notify", "report", "--kind", "daily", "--date", day, "--for", "desk")
        assert (code, "超时 2 次" in said, said.startswith("日报")) == (0, True, True), said
        code, said = await desk.command("notify", "report", "--date", day, "--for", f"institution:{SECOND}")
        assert code == 0 and "YB-2" in said and "YB-1" not in said
        for wrong in (("--kind", "hourly"), ("--date", "morgen")):
            assert (await desk.command("notify", "report", *wrong))[0] == 2


def test_the_days_of_a_week_are_one_report() -> None:
    assert {period("weekly", date(2026, 11, day)).key for day in range(16, 23)} == {"weekly-2026-11-20"}
