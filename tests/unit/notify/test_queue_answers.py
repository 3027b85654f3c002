"""A queue's answers: each request gets its own, also after one that came late."""

import asyncio
from typing import Any

import pytest
from nats.errors import TimeoutError as NatsTimeout

from services.notify.providers.queues import Queue


class Message:
    data = b""

    def __init__(self, reply: str = "", status: str = "404") -> None:
        self.reply, self.headers = reply, None if reply else {"Status": status}


class Subscription:
    def __init__(self, subject: str) -> None:
        self.subject, self.came, self.is_open = subject, asyncio.Queue[Message](), True

    async def next_msg(self, timeout: float) -> Message:
        if self.came.empty():
            raise NatsTimeout
        return self.came.get_nowait()

    async def unsubscribe(self) -> None:
        self.is_open = False


class Connection:
    """`answers` are what the server says to the next requests; None is an answer that comes too late."""

    def __init__(self, *answers: Message | None) -> None:
        self.answers, self.late = list(answers), list[Subscription]()
        self.subscriptions: list[Subscription] = []

    def new_inbox(self) -> str:
        return f"inbox-{len(self.subscriptions)}"

    async def subscribe(self, subject: str, cb: Any = None) -> Subscription:
        self.subscriptions.append(Subscription(subject))
        return self.subscriptions[-1]

    async def publish(self, subject: str, body: bytes, reply: str) -> None:
        there = next(s for s in self.subscriptions if s.subject == reply)
        answer = self.answers.pop(0)
        if answer is None:
            self.late.append(there)
        else:
            there.came.put_nowait(answer)


async def test_an_answer_that_comes_late_is_taken_for_no_other() -> None:
    connection: Any = Connection(None, Message(), Message("$JS.ACK.x"))
    queue = Queue(connection, connection, "p")
    with pytest.raises(NatsTimeout):
        await queue._look()
    connection.late[0].came.put_nowait(Message())
    taken = await queue._look()
    assert taken is not None and taken.durable == "notify-delivery-p-normal"
    assert [s.is_open for s in connection.subscriptions] == [False, True]


async def test_who_is_through_with_a_queue_leaves_no_subscription() -> None:
    connection: Any = Connection(Message(), Message())
    queue = Queue(connection, connection, "p")
    await queue.listen()
    assert await queue._look() is None
    await queue.close()
    assert connection.subscriptions and not any(s.is_open for s in connection.subscriptions)
