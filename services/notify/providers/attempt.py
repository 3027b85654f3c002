"""One attempt to hand a delivery over: from the handover to what the provider has said, in the words of a report."""

import asyncio
from dataclasses import dataclass
from typing import Literal, Protocol

from chassis.logging import logger
from chassis.posting import Declined, Later, SendFailed
from contracts.delivery import Handover
from services.notify.transports.port import Letter, Transport

Word = Literal["sent", "refused", "unavailable", "unsure"]
_LONGEST_REASON = 500
log = logger(__name__)


class AddressOf(Protocol):
    """The address of a recipient at a provider, in clear; None where there is none. Called at the last moment."""

    def __call__(self, recipient: str, provider: str) -> str | None: ...


class LetterOf(Protocol):
    """The message in the words and the length that the transport takes."""

    def __call__(self, handover: Handover, address: str, transport: Transport, repeat: bool) -> Letter: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to. `answered`: the provider works, whatever it thinks of this message; None: not tried.

    `busy_s` is how long the provider wants to be left alone by everybody.
    """

    word: Word
    reason: str = ""
    after_s: float = 0.0
    provider_id: str = ""
    answered: bool | None = None
    busy_s: float = 0.0


NOT_NOW = Outcome("unavailable", "发送服务连续出错, 暂停使用")
NOT_BEGUN = Outcome("unavailable", "通知服务正在重启", after_s=1.0)
CUT_OFF = Outcome("unsure", "发送时通知服务停止, 不能确定是否已发出", after_s=1.0)
GONE = Outcome("unavailable", "该发送服务已停用")


async def attempt(
    handover: Handover, transport: Transport, address_of: AddressOf, letter_of: LetterOf, timeout_s: float, repeat: bool
) -> Outcome:
    """Raises nothing but a cancellation."""
    letter = _letter(handover, transport, address_of, letter_of, repeat)
    if isinstance(letter, Outcome):
        return letter
    try:
        async with asyncio.timeout(timeout_s):
            sent = await transport.send(letter)
    except SendFailed as error:
        return _judged(error)
    except TimeoutError:
        return Outcome("unsure", f"发送服务 {timeout_s:g} 秒内没有应答, 不能确定是否已发出", answered=False)
    except Exception as error:
        # Its text may quote the address or the message.
        log.error("transport failed", provider=handover.provider, error=type(error).__name__)
        return Outcome("unavailable", f"发送时出错 ({type(error).__name__})", answered=False)
    return Outcome("sent", provider_id=_storable(sent.provider_id)[:200], answered=True)


def _letter(
    handover: Handover, transport: Transport, address_of: AddressOf, letter_of: LetterOf, repeat: bool
) -> Letter | Outcome:
    try:
        address = address_of(handover.recipient, handover.provider)
    except Exception as error:
        log.error("address unreadable", provider=handover.provider, error=type(error).__name__)
        return Outcome("refused", f"{handover.recipient} 登记的 {handover.provider} 地址无法读取: 请重新登记")
    if address is None:
        return Outcome("refused", f"{handover.recipient} 没有登记 {handover.provider} 的地址")
    try:
        return letter_of(handover, address, transport, repeat)
    except Exception as error:
        log.error("letter not written", provider=handover.provider, rule=handover.rule, error=type(error).__name__)
        return Outcome("refused", f"通知规则 {handover.rule} 的消息写不出来: 请检查消息模板")


def _storable(said: str) -> str:
    """Without lone surrogates, which JSON may spell and nothing can store."""
    return said.encode("utf-8", "replace").decode()


def _judged(error: SendFailed) -> Outcome:
    reason = _storable(str(error))[:_LONGEST_REASON]
    if error.unsure:
        return Outcome("unsure", reason, answered=False)
    if error.permanent:  # credentials that do not hold are the provider's fault, a refusal is about this message
        return Outcome("refused", reason, answered=isinstance(error, Declined))
    if not isinstance(error, Later):
        return Outcome("unavailable", reason, answered=False)
    # A limit for one person says nothing about the others.
    busy_s = 0.0 if error.for_one else error.after_s
    return Outcome("unavailable", reason, error.after_s, answered=error.for_one or error.after_s > 0, busy_s=busy_s)
