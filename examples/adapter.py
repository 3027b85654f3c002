"""A complete channel adapter: lines that are typed become messages, answers of the desk are printed and receipted.

It needs `contracts/` on the path, and from PyPI pydantic and nats-py:

    PYTHONPATH=. YIBAO_NATS_URL=nats://127.0.0.1:4322 YIBAO_NATS_USER=adapter-web YIBAO_NATS_PASSWORD=… \
        python examples/adapter.py web 县医院信息科

The password is the one of `adapter-web` in `.yibao/nats-users.json`.
"""

import asyncio
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import nats
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import NoStreamResponseError

from contracts.channel import ChannelMessage, ChannelReceipt, ChannelReply, Sender

CHANNEL, WHO = sys.argv[1], sys.argv[2]


async def publish(js, subject, body, id_):
    while True:  # without an acknowledgement: the same bytes again under the same id, which counts once
        with suppress(TimeoutError, NoStreamResponseError):
            data, headers = body.model_dump_json().encode(), {"Nats-Msg-Id": id_}
            return await js.publish(subject, data, stream="CHANNEL", headers=headers)
        await asyncio.sleep(1)


async def hear(js):
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async for line in lines:
        if text := line.decode().strip():
            said = {"message_id": uuid4().hex, "conversation_id": f"terminal-{WHO}", "occurred_at": datetime.now(UTC)}
            message = ChannelMessage(channel=CHANNEL, sender=Sender(id=WHO, name=WHO), text=text, **said)
            await publish(js, f"channel.in.{CHANNEL}", message, message.dedupe_id)


async def answer(js):
    durable, new = f"adapter-{CHANNEL}", ConsumerConfig(deliver_policy=DeliverPolicy.NEW)
    replies = await js.pull_subscribe(f"channel.out.{CHANNEL}", durable, stream="CHANNEL", config=new)
    done = {}  # yours belongs on disk: a reply comes again when its acknowledgement was lost
    while True:
        with suppress(TimeoutError):
            for delivery in await replies.fetch(10, timeout=5):
                reply = ChannelReply.model_validate_json(delivery.data)
                if reply.id not in done:
                    print(f"{reply.conversation_id}: {reply.text}", flush=True)  # yours: send it
                    what = {"reply_id": reply.id, "case_id": reply.case_id, "channel": CHANNEL}
                    done[reply.id] = ChannelReceipt(**what, outcome="sent", at=datetime.now(UTC))
                await publish(js, f"channel.receipt.{CHANNEL}", done[reply.id], f"{reply.id}:sent")
                await delivery.ack()


async def main():
    user, password = os.environ["YIBAO_NATS_USER"], os.environ["YIBAO_NATS_PASSWORD"]
    own = {"user": user, "password": password, "inbox_prefix": f"_INBOX.{user}"}
    nc = await nats.connect(os.environ["YIBAO_NATS_URL"], max_reconnect_attempts=-1, **own)
    answering = asyncio.create_task(answer(nc.jetstream()))
    await hear(nc.jetstream())  # until the end of the input
    answering.cancel()
    await asyncio.wait([answering])
    await nc.close()


asyncio.run(main())
