"""Messages for the benches: realistic texts, made before the clock starts."""

from datetime import UTC, datetime

from chassis.outgoing import Outgoing
from contracts.channel import ChannelMessage, Sender

TEXTS = (
    "我院门诊医保结算失败，2207接口报错：交易超时，患者在窗口等待，请尽快处理。患者王某某电话13812345678",
    "您好，请问异地备案后多久生效？家属在外地住院，需要准备哪些材料，能否线上办理？",
    "本月结算清单4101上传提示【入院科别】未填写，我们已填写科室，请帮忙看看是什么原因，机构H62010200123",
    "对账3201不平，中心比医院多两笔，msgid H62010200123202611220930150001，应如何冲正？",
)


def messages(run: str, n: int, start: int = 0) -> list[Outgoing]:
    """`n` messages of `n` conversations; the same `run` and numbers give the same ids."""
    return [_message(run, i) for i in range(start, start + n)]


def _message(run: str, i: int) -> Outgoing:
    message = ChannelMessage(
        message_id=f"{run}-{i}",
        channel="wechat",
        conversation_id=f"{run}-c{i}",
        sender=Sender(id=f"u{i}", name="信息科", institution_code=f"H620102{i % 100_000:05d}"),
        text=f"{TEXTS[i % len(TEXTS)]} (第{i}条)",
        occurred_at=datetime.now(UTC),
    )
    return Outgoing("channel.in.wechat", message.model_dump_json().encode(), message.dedupe_id)


def batches(outgoing: list[Outgoing], size: int = 256) -> list[list[Outgoing]]:
    return [outgoing[i : i + size] for i in range(0, len(outgoing), size)]
