"""The pure core of data sets: registered, withdrawn, registered again."""

from collections.abc import Sequence

from msgspec.structs import replace

from chassis.errors import NotFound, Refused
from chassis.message import Moment
from contracts.dataset import DatasetRegistered, DatasetWithdrawn, RegisterDataset, WithdrawDataset
from contracts.envelope import Event
from services.stats.datasets.model import Dataset

Folded = tuple[Dataset, Sequence[Event]]
_FIELDS = ("table", "sha256", "rows", "rejected", "name", "upload_id", "schema_hash", "since", "until", "run_id")


def fold(dataset: Dataset | None, moment: Moment) -> Folded:
    """The same content read in again is the same data set. Raises NotFound, Refused."""
    match moment.message.body:
        case RegisterDataset() as command:
            return _register(dataset, moment, command)
        case WithdrawDataset() as command:
            return _withdraw(dataset, moment, command)
    raise Refused("unknown_command", f"不认识的命令 {moment.message.body}")


def _register(dataset: Dataset | None, moment: Moment, command: RegisterDataset) -> Folded:
    if dataset is not None and dataset.withdrawn_at is None:
        return dataset, []
    facts = {name: getattr(command, name) for name in _FIELDS}
    made = Dataset(**facts, registered_at=moment.now, registered_by=command.actor.id)
    return made, [moment.event(DatasetRegistered, occurred_at=moment.now, **facts)]


def _withdraw(dataset: Dataset | None, moment: Moment, command: WithdrawDataset) -> Folded:
    if dataset is None:
        raise NotFound("not_found", "没有这个数据集: 请用 GET /datasets 查看")
    if dataset.withdrawn_at is not None:
        raise Refused("withdrawn", "这个数据集已经撤下")
    said = moment.event(
        DatasetWithdrawn, table=dataset.table, sha256=dataset.sha256, reason=command.reason, occurred_at=moment.now
    )
    by, why = command.actor.id, command.reason
    return replace(dataset, withdrawn_at=moment.now, withdrawn_by=by, reason=why), [said]
