"""Signing in, put together."""

from datetime import timedelta

from chassis.service import Service
from services.console.attempts.store import Attempts
from services.console.settings import ConsoleSettings
from services.console.signin.codes import Codes
from services.console.signin.office import Office
from services.console.signin.store import Sessions


async def start_sign_in(service: Service) -> None:
    settings: ConsoleSettings = service.state["settings"]
    key = service.settings.desk_key
    idle, longest = timedelta(minutes=settings.console_idle_min), timedelta(hours=settings.console_session_h)
    service.state.update(
        sessions=Sessions(service.db, idle, longest),
        attempts=Attempts(service.db, key),
        codes=Codes(key),
        office=Office(settings),
    )
