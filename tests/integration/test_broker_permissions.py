"""The broker itself refuses what a user has no business with: asked of a real nats-server, subject by subject.

The server answers a refused publish or subscription with an error on the same connection, before its answer to a ping
that was sent behind it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest
import pytest_asyncio
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from chassis.broker import dial
from chassis.permissions import ADAPTER, SERVICES, USERS, inbox_of, written
from contracts.channel import CHANNELS
from contracts.topology import DURABLES, READ, STREAMS
from tests.support.servers import Servers, real_servers

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]
ADAPTERS = tuple(f"{ADAPTER}{channel}" for channel in CHANNELS)
each_service = pytest.mark.parametrize("service", SERVICES)
each_adapter = pytest.mark.parametrize("adapter", ADAPTERS)
SUBJECTS = {
    subject.replace("*", "x").replace(">", "x"): (stream, subject) for stream in STREAMS for subject in stream.subjects
} | {f"dead.{durable.stream}.{durable.name}": (STREAMS[-1], "dead.>") for durable in DURABLES}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    async with real_servers(Path(tmp_path_factory.mktemp("broker"))) as running:
        yield running


class Caller:
    """A user who speaks the protocol himself, so that nothing between him and the server rearranges what he says."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def say(self, *lines: str) -> str:
        """What the server answers to these lines, and to a ping behind them."""
        self._writer.write("".join(f"{line}\r\n" for line in (*lines, "PING")).encode())
        answers = []
        while (answer := (await self._reader.readline()).decode().strip()) not in ("PONG", ""):
            answers.append(answer)
        return "\n".join(answers)

    async def cannot_publish(self, subjects: Iterable[str]) -> list[str]:
        """Those of `subjects` that the server does not take."""
        asked = list(subjects)
        told = await self.say(*(f"PUB {subject} 0\r\n" for subject in asked))
        return [subject for subject in asked if f'Permissions Violation for Publish to "{subject}"' in told]

    async def cannot_hear(self, subjects: Iterable[str]) -> list[str]:
        asked = list(subjects)
        told = await self.say(*(f"SUB {subject} {n}" for n, subject in enumerate(asked, 1)))
        return [subject for subject in asked if f'Permissions Violation for Subscription to "{subject}"' in told]


@asynccontextmanager
async def calling(servers: Servers, user: str) -> AsyncIterator[Caller]:
    own = servers.settings.acting(user)
    reader, writer = await asyncio.open_connection("127.0.0.1", own.nats_port)
    caller = Caller(reader, writer)
    known = {"user": user, "pass": own.nats_password.get_secret_value(), "verbose": False}
    assert (await caller.say(f"CONNECT {json.dumps(known)}")).startswith("INFO")
    try:
        yield caller
    finally:
        writer.close()


@asynccontextmanager
async def client(servers: Servers, user: str) -> AsyncIterator[JetStreamContext]:
    nc = await dial(servers.settings.acting(user), allow_reconnect=False)
    try:
        yield nc.jetstream()
    finally:
        await nc.close()


@pytest.mark.parametrize("user", [{}, {"user": "intake"}, {"user": "intake", "password": "x"}, {"user": "root"}])
async def test_nobody_gets_in_without_a_user_and_its_password(servers: Servers, user: dict[str, str]) -> None:
    said: list[str] = []

    async def trouble(error: Exception) -> None:
        said.append(str(error).lower())

    with pytest.raises((nats.errors.Error, ConnectionError)):
        await nats.connect(servers.settings.nats_url, allow_reconnect=False, error_cb=trouble, **user)
    assert any("authorization violation" in one for one in said)


async def test_the_passwords_are_the_owners_to_read_and_all_different(servers: Servers) -> None:
    home = servers.settings.data_dir
    for path in (home / "nats-users.json", home / "nats" / "users.conf"):
        assert path.stat().st_mode & 0o077 == 0, path
    known = json.loads((home / "nats-users.json").read_text())
    assert set(known) == set(USERS) and len({*known.values()}) == len(USERS)
    assert all(len(password) >= 40 for password in known.values())


@each_service
async def test_a_service_publishes_what_the_topology_says_and_nothing_else(servers: Servers, service: str) -> None:
    def may(subject: str) -> bool:
        stream, pattern = SUBJECTS[subject]
        own = written(service, stream)
        return subject in own or pattern in own or subject.replace(".x", ".>") in own or subject[:-1] + "*" in own

    async with calling(servers, service) as caller:
        refused = await caller.cannot_publish(SUBJECTS)
        assert set(refused) == {subject for subject in SUBJECTS if not may(subject)}
        assert len(refused) > len(SUBJECTS) / 2


@each_adapter
async def test_an_adapter_publishes_its_own_channel_and_no_other(servers: Servers, adapter: str) -> None:
    channel = adapter.removeprefix(ADAPTER)
    own = {f"channel.in.{channel}", f"channel.receipt.{channel}"}
    everything = {*SUBJECTS, *(f"channel.{way}.{name}" for way in ("in", "out", "receipt") for name in CHANNELS)}
    async with calling(servers, adapter) as caller:
        assert set(await caller.cannot_publish(everything)) == everything - own


@each_adapter
async def test_an_adapter_hears_the_replies_of_its_channel_and_of_no_other(servers: Servers, adapter: str) -> None:
    channel = adapter.removeprefix(ADAPTER)
    others = [f"channel.out.{name}" for name in CHANNELS if name != channel]
    denied = [*others, "channel.in.*", "channel.out.*", "channel.>", "case.*", ">", "*.*", "$JS.>"]
    async with calling(servers, adapter) as caller:
        assert await caller.cannot_hear(denied) == denied
    async with client(servers, "intake") as intake, client(servers, adapter) as own:
        await intake.publish(f"channel.out.{channel}", b"answer", stream="CHANNEL")
        replies = await own.pull_subscribe(f"channel.out.{channel}", adapter, stream="CHANNEL")
        [reply] = await replies.fetch(1, timeout=5)
        await reply.ack_sync()
        assert (reply.subject, reply.data) == (f"channel.out.{channel}", b"answer")


@each_adapter
async def test_an_adapter_cannot_make_a_consumer_of_what_is_not_its_own(servers: Servers, adapter: str) -> None:
    channel = adapter.removeprefix(ADAPTER)
    api = "$JS.API.CONSUMER"
    denied = [
        f"{api}.CREATE.CHANNEL", f"{api}.CREATE.CHANNEL.spy", f"{api}.CREATE.CHANNEL.{adapter}",
        f"{api}.CREATE.CHANNEL.{adapter}.channel.in.{channel}", f"{api}.DURABLE.CREATE.CHANNEL.{adapter}",
        f"{api}.CREATE.CASE.{adapter}.channel.out.{channel}", "$JS.API.DIRECT.GET.CHANNEL",
        "$JS.API.STREAM.MSG.GET.CHANNEL", f"{api}.MSG.NEXT.CHANNEL.intake-channel",
    ]  # fmt: skip
    async with calling(servers, adapter) as caller:
        assert await caller.cannot_publish(denied) == denied
    # The permission is on the subject; that the body says nothing else is the server's own check.
    async with client(servers, adapter) as own:
        create = f"{api}.CREATE.CHANNEL.{adapter}.channel.out.{channel}"
        body = {"name": adapter, "durable_name": adapter, "filter_subject": f"channel.in.{channel}"}
        assert "error" in await asked(own, create, {"stream_name": "CHANNEL", "config": body})


@pytest.mark.parametrize("user", USERS)
async def test_nobody_hears_anothers_inbox(servers: Servers, user: str) -> None:
    denied = [*(f"{inbox_of(other)}.>" for other in USERS if other != user), "_INBOX.>", "_INBOX.*.x", ">"]
    async with calling(servers, user) as caller:
        assert await caller.cannot_hear(denied) == denied
        assert await caller.cannot_hear([f"{inbox_of(user)}.>"]) == []


@each_service
async def test_a_service_takes_nothing_from_anothers_durable(servers: Servers, service: str) -> None:
    others = [durable for durable in DURABLES if durable.service != service]
    api = "$JS.API.CONSUMER"
    denied = [
        subject.format(api=api, stream=durable.stream, name=durable.name)
        for durable in others
        for subject in (
            "{api}.MSG.NEXT.{stream}.{name}", "{api}.DELETE.{stream}.{name}", "{api}.CREATE.{stream}.{name}",
            "{api}.DURABLE.CREATE.{stream}.{name}", "$JS.ACK.{stream}.{name}.1.1.1.1.1",
        )
    ]  # fmt: skip
    async with calling(servers, service) as caller:
        assert await caller.cannot_publish(denied) == denied


@each_service
async def test_a_service_cannot_change_a_stream_nor_read_one_that_it_does_not_need(
    servers: Servers, service: str
) -> None:
    changes = [
        f"$JS.API.STREAM.{verb}.{stream.name}"
        for stream in STREAMS
        for verb in ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "MSG.GET", "SNAPSHOT", "RESTORE")
    ]
    hears = {durable.stream for durable in DURABLES if durable.service == service} | {*READ.get(service, ())}
    keeps = {stream.name for stream in STREAMS if stream.work_queue and service in stream.publishers}
    strange = [stream.name for stream in STREAMS if stream.name not in hears | keeps]
    reading = [f"$JS.API.{api}.{name}" for name in strange for api in ("DIRECT.GET", "CONSUMER.CREATE", "STREAM.INFO")]
    async with calling(servers, service) as caller:
        assert await caller.cannot_publish([*changes, *reading]) == [*changes, *reading]


@each_service
async def test_a_readers_own_consumer_cannot_take_the_place_of_anothers_durable(servers: Servers, service: str) -> None:
    async with client(servers, "ops") as ops, client(servers, service) as caller:
        for durable in DURABLES:
            if durable.service == service or durable.stream not in READ.get(service, ()):
                continue
            for more in ({}, {"durable_name": durable.name}):
                config: dict[str, Any] = {"name": durable.name, "ack_policy": "none", **more}
                request = {"stream_name": durable.stream, "config": config}
                await asked(caller, f"$JS.API.CONSUMER.CREATE.{durable.stream}", request)
            info = await ops.consumer_info(durable.stream, durable.name)
            assert info.config.filter_subjects or info.config.filter_subject
            assert info.config.ack_policy == "explicit"


async def test_no_service_sees_what_staff_wish_of_another(servers: Servers) -> None:
    for service in SERVICES:
        async with calling(servers, service) as caller:
            looking = [f"$JS.API.{api}.COMMAND" for api in ("DIRECT.GET", "CONSUMER.CREATE", "STREAM.INFO")]
            assert await caller.cannot_publish(looking) == looking
            assert await caller.cannot_hear(["*.command.*"]) == ["*.command.*"]


async def asked(js: JetStreamContext, subject: str, request: dict[str, Any]) -> dict[str, Any]:
    """Empty where the server does not answer, because the user may not even ask."""
    try:
        answer: dict[str, Any] = json.loads((await js._nc.request(subject, json.dumps(request).encode())).data)
    except TimeoutError:
        return {}
    return answer


REQUESTS = (
    ("$JS.API.DIRECT.GET.CHANNEL", '{"seq":1}'),
    ("$JS.API.STREAM.MSG.GET.CHANNEL", '{"seq":1}'),
    ("$JS.API.CONSUMER.MSG.NEXT.CHANNEL.intake-channel", '{"batch":1,"no_wait":true}'),
    ("$JS.API.CONSUMER.INFO.CHANNEL.intake-channel", ""),
)


async def test_no_service_has_the_server_write_for_it_where_it_may_not(servers: Servers) -> None:
    """An answer of the server goes to any subject that a request names; what somebody wrote himself must not."""
    wish, subject = b'{"account": "mallory"}', "identity.command.open"
    async with client(servers, "intake") as intake, client(servers, "ops") as ops, calling(servers, "intake") as caller:
        await intake.publish("channel.out.wechat", wish, stream="CHANNEL")
        for request, body in REQUESTS:
            await caller.say(f"PUB {request} {subject} {len(body)}\r\n{body}")
        await ops.publish(subject, b"last", stream="COMMAND")
        seen = await ops.pull_subscribe(subject, stream="COMMAND", config=ConsumerConfig(ack_policy=AckPolicy.NONE))
        found = [message.data for message in await seen.fetch(100, timeout=2)]
        assert found[-1] == b"last"
        assert not [data for data in found if b"mallory" in data]
