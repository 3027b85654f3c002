"""Every page, by package."""

from typing import Final

from litestar.types import ControllerRouterHandler

from services.console.pages.admin.api import ROUTES as ADMIN
from services.console.pages.ask.api import ROUTES as ASK
from services.console.pages.cases.api import ROUTES as CASES
from services.console.pages.duty.api import ROUTES as DUTY
from services.console.pages.inbox.api import ROUTES as INBOX
from services.console.pages.institutions.api import ROUTES as INSTITUTIONS
from services.console.pages.knowledge.api import ROUTES as KNOWLEDGE
from services.console.pages.obligations.api import ROUTES as OBLIGATIONS
from services.console.pages.outages.api import ROUTES as OUTAGES
from services.console.pages.reconciliations.api import ROUTES as RECONCILIATIONS
from services.console.pages.reports.api import ROUTES as REPORTS
from services.console.pages.today.api import ROUTES as TODAY
from services.console.pages.training.api import ROUTES as TRAINING
from services.console.pages.wall.api import ROUTES as WALL

ROUTES: Final[list[ControllerRouterHandler]] = [
    *TODAY, *WALL, *CASES, *ASK, *OUTAGES, *INSTITUTIONS, *INBOX, *DUTY,
    *KNOWLEDGE, *REPORTS, *RECONCILIATIONS, *OBLIGATIONS, *TRAINING, *ADMIN,
]  # fmt: skip
