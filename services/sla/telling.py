"""Tells other services the business calendars in force, by request/reply: quiet hours go by the same ones."""

from collections.abc import Callable
from typing import Any

from chassis.service import Service
from services.sla.book import Book


def answer_calendars(service: Service, book: Callable[[], Book]) -> None:
    """On `sla.query.calendars`: `{"calendars": [...]}`, each as `Definition.to_dict` says it."""

    @service.broker.subscriber("sla.query.calendars")
    async def calendars() -> dict[str, Any]:
        return {"calendars": [d.to_dict() for d in book().editions[-1].definitions]}
