"""The console, put together."""

from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.di import Provide

from chassis.http import application
from chassis.service import Service
from chassis.settings import Settings
from chassis.token import Signer
from services.console.accounts.api import ROUTES as ACCOUNTS
from services.console.accounts.start import start_accounts
from services.console.asking import Services
from services.console.audit.api import ROUTES as AUDIT
from services.console.audit.start import start_audit
from services.console.live.api import ROUTES as LIVE
from services.console.live.start import start_live
from services.console.metrics import answered
from services.console.pages.routes import ROUTES as PAGES
from services.console.settings import ConsoleSettings
from services.console.signin.api import ROUTES as SIGN_IN
from services.console.signin.start import start_sign_in
from services.console.web.door import Door, asker
from services.console.web.errors import HANDLERS
from services.console.web.files import static_routes
from services.console.web.forgery import forgery_key
from services.console.web.headers import secured
from services.console.web.pace import Pace
from services.console.web.templating import templates

LARGEST_FORM = 64 * 1024 * 1024


async def start(service: Service) -> None:
    settings = service.state["settings"] = ConsoleSettings()
    service.state["services"] = Services(settings.urls(), Signer(settings.desk_key))
    service.state["pace"] = Pace(settings.console_requests_per_min)
    await start_accounts(service)
    start_audit(service)
    await start_sign_in(service)
    await start_live(service)


def app(settings: Settings) -> Litestar:
    own = ConsoleSettings()
    return application(
        "console",
        "医保服务台 · 控制台",
        settings,
        start,
        [*static_routes(), *SIGN_IN, *ACCOUNTS, *AUDIT, *LIVE, *PAGES],
        home=False,
        proxied=True,
        middleware=[Door()],
        csrf_config=CSRFConfig(secret=forgery_key(settings), cookie_secure=own.is_https, cookie_httponly=True),
        template_config=templates(),
        dependencies={"desk": Provide(asker, sync_to_thread=False)},
        exception_handlers=HANDLERS,
        before_send=[secured, answered],
        request_max_body_size=LARGEST_FORM,
    )
