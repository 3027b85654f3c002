"""A decoded message, and the moment in which a fold sees it: the only way a fold gets time and ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol, TypeVar
from uuid import UUID

from pydantic import ValidationError

from chassis.errors import Unacceptable
from contracts.channel import ChannelMessage
from contracts.envelope import SYSTEM, Actor, Command, Contract, Event, derive_id, trusted
from contracts.subjects import model_of

REPLY_TO = "Yibao-Reply"

E = TypeVar("E", bound=Event)
C = TypeVar("C", bound=Command)


class Delivery(Protocol):
    """One delivery of a message by a broker, real or fake."""

    @property
    def subject(self) -> str: ...
    @property
    def data(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def deliveries(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    async def ack(self) -> None: ...
    async def nak(self, delay_s: float) -> None: ...


@dataclass(slots=True)
class Message:
    """`cause_id` is the same for every delivery of the same thing; everything said about it derives from it.

    `hint` is what the store found around it while it located its document, such as who the sender is; `answer` is
    what a fold wants the reply to a command to say besides that it was done.
    """

    delivery: Delivery
    body: Contract
    cause_id: UUID
    correlation_id: UUID
    occurred_at: datetime
    actor: Actor
    hint: object = None
    answer: str = ""

    @property
    def reply_to(self) -> str | None:
        return self.delivery.headers.get(REPLY_TO)


class Moment:
    """One message meeting one aggregate at `now`; stamps what is said about it."""

    __slots__ = ("_said", "aggregate_id", "asides", "message", "now", "version")

    def __init__(self, now: datetime, message: Message, aggregate_id: UUID, version: int) -> None:
        self.now = now
        self.asides: list[tuple[UUID, str]] = []
        self.message = message
        self.aggregate_id = aggregate_id
        self.version = version
        self._said = 0

    def event(self, model: type[E], **facts: Any) -> E:
        """The event of type `model` with these facts; id, version, times and actor follow from the cause."""
        return model(**self._stamped(model, facts))

    def trusted_event(self, model: type[E], facts: dict[str, Any]) -> E:
        """The same for facts that are valid for certain; see `contracts.envelope.trusted`. They are added to."""
        return trusted(model, self._stamped(model, facts))

    def _stamped(self, model: type[Event], facts: dict[str, Any]) -> dict[str, Any]:
        self.version += 1
        self._said += 1
        message = self.message
        type_: str = facts.pop("type", None) or _type_of(model)
        facts["id"] = derive_id(message.cause_id, self.aggregate_id, type_, self._said)
        facts["cause_id"], facts["correlation_id"] = message.cause_id, message.correlation_id
        facts["type"], facts["version"] = type_, self.version
        facts["recorded_at"] = self.now
        facts.setdefault("occurred_at", message.occurred_at)
        facts.setdefault("actor", message.actor)
        return facts

    def command(self, model: type[C], **facts: Any) -> C:
        """A wish to another aggregate that follows from this cause: said like an event, so it is never lost."""
        self.version += 1
        self._said += 1
        cause = self.message.cause_id
        return model(
            id=derive_id(cause, self.aggregate_id, _type_of(model), self._said),
            cause_id=cause,
            occurred_at=self.now,
            actor=facts.pop("actor", self.message.actor),
            **facts,
        )

    def answer(self, code: str) -> None:
        """The reply to this command carries the code. A command that comes again is answered without it."""
        self.message.answer = code

    def set_aside(self, text: str) -> None:
        """What must not be stored in the aggregate: the store keeps it apart, under the cause's id."""
        self.asides.append((self.message.cause_id, text))


@cache
def _type_of(model: type[Event] | type[Command]) -> str:
    default: str = model.model_fields["type"].default
    return default


def decode(delivery: Delivery, now: datetime) -> Message:
    """Parse by the subject's contract. Raises Unacceptable with a reason that staff can act on."""
    model = model_of(delivery.subject)
    if model is None:
        raise Unacceptable(f"主题 {delivery.subject} 没有约定: 请检查渠道名是否正确")
    try:
        body = model.model_validate_json(delivery.data)
    except ValidationError as error:
        raise Unacceptable(_explain(error)) from None
    match body:
        case ChannelMessage():
            if not delivery.subject.endswith("." + body.channel):
                raise Unacceptable(f"渠道 {body.channel} 的消息发到了主题 {delivery.subject}: 两者必须一致")
            actor = trusted(Actor, {"kind": "requester", "id": body.sender.id, "name": body.sender.name})
            cause = body.cause_id
            return Message(delivery, body, cause, cause, body.occurred_at, actor)
        case Event():
            return Message(delivery, body, body.id, body.correlation_id, body.occurred_at, body.actor)
        case Command():
            return Message(delivery, body, body.id, body.id, body.occurred_at, body.actor)
    cause = derive_id(delivery.subject, body.model_dump_json())
    return Message(delivery, body, cause, cause, now, SYSTEM)


_REASONS = {
    "missing": "缺少此字段",
    "json_invalid": "不是合法的 JSON (或不是 UTF-8 编码)",
    "string_type": "应为字符串",
    "literal_error": "取值不在允许范围",
    "string_pattern_mismatch": "格式不符",
    "string_too_long": "过长",
    "string_too_short": "不能为空",
    "timezone_aware": "时间缺少时区",
    "value_error": "正文为空且没有附件",
}


def _explain(error: ValidationError) -> str:
    # The offending value is left out on purpose: it may be personal.
    parts = []
    for item in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
        field = ".".join(map(str, item["loc"])) or "消息"
        parts.append(f"{field}: {_REASONS.get(item['type'], '格式或类型不符')} ({item['type']})")
    return "; ".join(parts)
