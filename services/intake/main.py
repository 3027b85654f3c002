"""Intake, put together."""

from collections.abc import Callable
from datetime import timedelta

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from chassis.vault import Vault
from contracts.envelope import Event
from services.intake import metrics
from services.intake.api.asking import AskController
from services.intake.api.cases import CaseController, message_outcome
from services.intake.api.commands import CommandController
from services.intake.api.export import ExportController
from services.intake.api.figures import count, figures
from services.intake.category.api import CategoryController
from services.intake.category.models import start_models
from services.intake.channels.attachments.api import attachment, case_file
from services.intake.channels.attachments.kept import Attachments, Limits
from services.intake.channels.config import load
from services.intake.channels.entrances import open_entrances
from services.intake.channels.hub import connect
from services.intake.channels.imports.api import ImportController
from services.intake.channels.outbound.start import start_sending
from services.intake.channels.routes import ROUTES
from services.intake.closing import close_quiet
from services.intake.directory import start as directory
from services.intake.duty import start as duty
from services.intake.duty.people import People
from services.intake.duty.roster import Roster
from services.intake.fold import fold
from services.intake.originals.api import reveal
from services.intake.originals.key import check_key
from services.intake.outage.api import OutageController
from services.intake.outage.watch import start_outages
from services.intake.receive import check_again
from services.intake.search.feed import start_search
from services.intake.settings import IntakeSettings
from services.intake.store import Cases
from services.intake.threads.rules import Rules
from services.intake.workflows.api import StepController, WorkflowController, chases
from services.intake.workflows.sweep import sweep


async def start(service: Service) -> None:
    settings = IntakeSettings()
    key = settings.desk_key
    vault = service.state["vault"] = Vault(key)
    await check_key(service.db, key)
    book = await directory.start(service, vault, settings.directory_seed)
    roster = await duty.start(service, book, settings.duty_rules)
    await start_models(service, settings.classifier_threshold, settings.classifier_retrain_after)
    people = People(vault, book, roster, service.state["categoriser"])
    cases = service.state["cases"] = Cases(service.db, vault, people, _rules(settings))
    attachments = service.state["attachments"] = Attachments(service.db, Limits(settings.attachment_max_mb))
    await attachments.prepare()
    channels = load(settings.channels)
    await connect(service, channels, vault, attachments)
    await open_entrances(service, channels, vault, attachments)
    await start_sending(service, cases, channels, settings.send_within_s)
    service.listen(Folded(fold, again=check_again, said=_heard(roster)), cases)
    after = timedelta(days=settings.close_after_days)
    service.every(300, "closing", lambda: close_quiet(cases, service.outbox, after))
    service.every(settings.chase_sweep_s, "chases", lambda: sweep(cases, service.outbox))
    start_outages(service)
    await start_search(service, cases, settings.data_dir / "intake" / "search")
    service.every(60, "case gauge", lambda: metrics.count(cases))


def _heard(roster: Roster) -> Callable[[Event], None]:
    def said(event: Event) -> None:
        metrics.said(event)
        roster.said(event)

    return said


def _rules(settings: IntakeSettings) -> Rules:
    return Rules(idle=timedelta(hours=settings.thread_idle_h), grace=timedelta(hours=settings.thread_grace_h))


def app(settings: Settings) -> Litestar:
    return application(
        "intake",
        "医保服务台 · 受理",
        settings,
        start,
        [
            AskController,
            CaseController,
            CategoryController,
            CommandController,
            ExportController,
            OutageController,
            StepController,
            WorkflowController,
            chases,
            count,
            figures,
            message_outcome,
            attachment,
            case_file,
            ImportController,
            ROUTES,
            reveal,
            *directory.ROUTES,
            *duty.ROUTES,
        ],
    )
