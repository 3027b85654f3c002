"""A case joins an outage."""

from contracts.case import CaseCommand
from services.intake.desk import Handler

HANDLERS: dict[type[CaseCommand], Handler] = {}
