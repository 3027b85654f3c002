"""`yibao send`: one message into a channel, the way an adapter does it."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer
from nats.errors import Error as NatsError
from pydantic import ValidationError

from chassis.broker import NatsOutbox, dial
from chassis.outgoing import Outgoing
from contracts.channel import CHANNELS, ChannelMessage, Sender
from yibao.settings import StackSettings


def send(
    text: Annotated[str, typer.Argument(help="消息正文")],
    channel: Annotated[str, typer.Option(help=f"渠道: {', '.join(CHANNELS)}")] = "wechat",
    sender: Annotated[str, typer.Option(help="发送人在渠道中的编号")] = "cli",
    name: Annotated[str, typer.Option(help="发送人姓名")] = "",
    institution: Annotated[str | None, typer.Option(help="定点医药机构编号, H 或 P 加 11 位数字")] = None,
    conversation: Annotated[str | None, typer.Option(help="会话编号; 缺省与发送人相同")] = None,
    message_id: Annotated[str | None, typer.Option(help="消息编号; 缺省随机")] = None,
) -> None:
    """像渠道适配器那样发送一条消息。"""
    try:
        message = ChannelMessage.model_validate(
            {
                "message_id": message_id or uuid4().hex,
                "channel": channel,
                "conversation_id": conversation or sender,
                "sender": Sender.model_validate({"id": sender, "name": name, "institution_code": institution}),
                "text": text,
                "occurred_at": datetime.now(UTC),
            }
        )
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, e["loc"])) or "text" for e in error.errors())
        raise typer.BadParameter(f"消息不合规, 请检查: {fields} (渠道可选 {', '.join(CHANNELS)})") from None
    try:
        asyncio.run(_send(StackSettings().located(), message))
    except (NatsError, OSError):
        typer.secho("连不上 NATS: 请先运行 make up", fg="red", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"已发送 {message.channel} 消息 {message.message_id}")


async def _send(settings: StackSettings, message: ChannelMessage) -> None:
    client = await dial(settings, connect_timeout=2, allow_reconnect=False)
    try:
        subject = f"channel.in.{message.channel}"
        await NatsOutbox(client).publish([Outgoing(subject, message.model_dump_json().encode(), message.dedupe_id)])
    finally:
        await client.close()
