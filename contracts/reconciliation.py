"""A reconciliation (对账): what a comparison of a hospital's ledger with the centre's found, and what becomes of it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.channel import InstitutionCode
from contracts.envelope import Command, Contract, Event

MOST = 5_000
"""So many differences are kept one by one; of more there are the counts, and the file."""
MOST_ANSWERS = 500

Fen = Annotated[int, Field(ge=-(10**17), le=10**17)]
"""An amount in fen (分), hospital less centre."""
Class = Annotated[int, Field(ge=1, le=9)]
"""1 中心有医院无, 2 医院有中心无, 3 金额, 4 退费状态, 5 跨期, 6 归类, 7 重复, 8 重复结算, 9 异地未成功."""
DifferenceId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Period = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]
"""A year, a month or a day: `2026-10`."""
Note = Annotated[str, Field(max_length=500)]
Verdict = Literal["accepted", "rejected", "corrected"]
"""What the hospital says: it is so (accepted), it is not (rejected), it is put right already (corrected)."""


class DifferenceTally(Contract):
    """How many differences of a class there are, and their sums."""

    of: Class
    count: Annotated[int, Field(ge=0)]
    medfee: Fen = 0
    fund: Fen = 0
    acct: Fen = 0


class Difference(Contract):
    """A difference (差异) without anything personal; its id stays the same from one comparison to the next.

    `variant` is how its class is met: what to do follows from it, see `services/stats/reconcile/classes.py`.
    """

    id: DifferenceId
    of: Class
    variant: Annotated[str, Field(max_length=40)] = ""
    setl_id: Annotated[str, Field(max_length=64)] = ""
    mdtrt_id: Annotated[str, Field(max_length=64)] = ""
    msgid: Annotated[str, Field(max_length=64)] = ""
    medfee: Fen = 0
    fund: Fen = 0
    acct: Fen = 0


class Answer(Contract):
    """What the hospital says about a difference."""

    id: DifferenceId
    verdict: Verdict
    note: Note = ""


Tallies = Annotated[tuple[DifferenceTally, ...], Field(max_length=9)]


class ReconciliationEvent(Event):
    reconciliation_id: UUID
    fixmedins_code: InstitutionCode
    period: Period


class ReconciliationCompared(ReconciliationEvent):
    """`balanced` says whether all totals agree (对总账平); `listed` of the `count` differences are kept one by one."""

    type: Literal["reconciliation.compared"] = "reconciliation.compared"
    run_id: UUID
    balanced: bool
    count: Annotated[int, Field(ge=0)]
    listed: Annotated[int, Field(ge=0)]
    tallies: Tallies = ()
    differences_sha256: Sha256


class ReconciliationRaised(ReconciliationEvent):
    """The differences are put before the hospital, as a case (差异已下发)."""

    type: Literal["reconciliation.raised"] = "reconciliation.raised"
    count: Annotated[int, Field(ge=1)]
    tallies: Tallies
    note: Note = ""


class ReconciliationAnswered(ReconciliationEvent):
    """The hospital's feedback (医院反馈); `open` differences have none yet."""

    type: Literal["reconciliation.answered"] = "reconciliation.answered"
    answers: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=MOST_ANSWERS)]
    open: Annotated[int, Field(ge=0)]


class ReconciliationProved(ReconciliationEvent):
    """A later comparison (复核): what was raised is `gone` or still `left`, and what is `new`, by class.

    Of differences that are not kept one by one nobody can tell which they were: `whole` is false.
    """

    type: Literal["reconciliation.proved"] = "reconciliation.proved"
    run_id: UUID
    gone: Tallies = ()
    left: Tallies = ()
    new: Tallies = ()
    whole: bool = True


class ReconciliationSettled(ReconciliationEvent):
    """Nothing is left (对平), or what is left was answered and is `agreed` upon, for the reason in `note`."""

    type: Literal["reconciliation.settled"] = "reconciliation.settled"
    agreed: Annotated[int, Field(ge=0)] = 0
    note: Note = ""


class ReconciliationCommand(Command):
    """The id of a reconciliation follows from `fixmedins_code` and `period`."""

    fixmedins_code: InstitutionCode
    period: Period
    expected_version: Annotated[int, Field(ge=0)] | None = None


class CompareReconciliation(ReconciliationCommand):
    """What a run found; its id follows from the run's, so a run that is repeated says it once."""

    type: Literal["reconciliation.command.compare"] = "reconciliation.command.compare"
    run_id: UUID
    balanced: bool
    count: Annotated[int, Field(ge=0)]
    tallies: Tallies = ()
    differences: Annotated[tuple[Difference, ...], Field(max_length=MOST)] = ()
    differences_sha256: Sha256


class RaiseReconciliation(ReconciliationCommand):
    type: Literal["reconciliation.command.raise"] = "reconciliation.command.raise"
    note: Note = ""


class AnswerReconciliation(ReconciliationCommand):
    type: Literal["reconciliation.command.answer"] = "reconciliation.command.answer"
    answers: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=MOST_ANSWERS)]


class SettleReconciliation(ReconciliationCommand):
    """`note` says why what is left needs no more work; nobody needs a note where nothing is left."""

    type: Literal["reconciliation.command.settle"] = "reconciliation.command.settle"
    note: Note = ""
