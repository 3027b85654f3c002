"""Staff correct category and priority."""

from contracts.case import CaseCommand
from services.intake.desk import Handler

HANDLERS: dict[type[CaseCommand], Handler] = {}
