"""The original of a message: kept encrypted apart from its case, read only with a reason."""

from contracts.case import CaseCommand
from services.intake.desk import Handler

HANDLERS: dict[type[CaseCommand], Handler] = {}
