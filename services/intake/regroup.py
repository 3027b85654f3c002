"""Merge, split and move: messages that are in the wrong case go to the right one."""

from chassis.errors import NotFound
from chassis.message import Moment
from contracts.case import CaseCommand
from contracts.casework import ReceiveMessages
from services.intake.desk import Handler
from services.intake.model import Case
from services.intake.receive import Folded


def take_over(case: Case | None, moment: Moment, command: ReceiveMessages) -> Folded:
    raise NotFound("not_found", "")


HANDLERS: dict[type[CaseCommand], Handler] = {}
