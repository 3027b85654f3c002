"""Sample events, from contracts/examples, and a sample message: for whoever wants to see what a rule says."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import contracts
from contracts.delivery import Handover
from contracts.envelope import Event, derive_id
from contracts.registry import EVENTS

_EXAMPLES: Final = Path(contracts.__file__).with_name("examples")
_AT: Final = datetime(2026, 11, 22, 1, tzinfo=UTC)


def sample(type_: str) -> Event | None:
    """The example event of this type; None where there is no such type, or no example of it."""
    model = EVENTS.get(type_)
    path = _EXAMPLES / f"{model.__name__}.json" if model is not None else None
    if model is None or path is None or not path.exists():
        return None
    return cast(Event, model.model_validate_json(path.read_bytes()))


def message(**facts: Any) -> Handover:
    """A Handover with `facts` in place of the sample's."""
    usual: dict[str, Any] = {
        "id": derive_id("sample"), "cause_id": derive_id("sample"), "correlation_id": derive_id("sample"),
        "type": "delivery.urgent.sample", "version": 1, "occurred_at": _AT, "recorded_at": _AT,
        "actor": {"kind": "system", "id": "system"}, "alert_id": derive_id("sample"), "delivery": 0, "attempt": 1,
        "provider": "sample", "recipient": "staff:sample", "rule": "breach", "urgency": "urgent",
        "title": "超时: 工单 YB-7K3QM-9XW2P 未按时首次响应", "body": "截止 11-22 09:30:00",
        "number": "YB-7K3QM-9XW2P", "count": 2,
    }  # fmt: skip
    return Handover.model_validate({**usual, **facts})
