"""Intake, put together."""

from litestar import Litestar

from chassis.aggregate import Folded
from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from services.intake import metrics
from services.intake.api import CaseController, message_outcome
from services.intake.fold import fold
from services.intake.receive import check_again
from services.intake.settings import IntakeSettings
from services.intake.store import Cases
from services.intake.vault import Vault, load_key


async def start(service: Service) -> None:
    settings = IntakeSettings()
    vault = Vault(load_key(settings.secret_key.get_secret_value(), settings.data_dir))
    cases = service.state["cases"] = Cases(service.db, vault)
    service.listen(Folded(fold, again=check_again, said=metrics.said), cases)
    service.every(60, "case gauge", lambda: metrics.count(cases))


def app(settings: Settings) -> Litestar:
    return application("intake", "医保服务台 · 受理", settings, start, [CaseController, message_outcome])
