"""What users of the broker may do follows from the topology: all of what it says, and nothing that it does not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.permissions import ADAPTER, OPS, SERVICES, USERS, Allowed, allowed, inbox_of
from contracts.registry import COMMANDS
from contracts.topology import DURABLES, QUERIES, READ, STREAMS, durables_of, matches
from yibao.passwords import authorization, made, passwords, written

words = st.text("abcdefghijklmnopqrstuvwxyz_-0123456789", min_size=1, max_size=12)
services = st.sampled_from(SERVICES)
patterns = st.sampled_from([subject for stream in STREAMS for subject in stream.subjects])


def may_publish(may: Allowed, subject: str) -> bool:
    """As nats-server decides."""
    denied = any(matches(pattern, subject) for pattern in may.never)
    return not denied and any(matches(pattern, subject) for pattern in may.publish)


@given(services, patterns, st.data())
def test_a_service_writes_only_to_streams_that_it_publishes(service: str, pattern: str, data: st.DataObject) -> None:
    subject = ".".join(data.draw(words) if token in "*>" else token for token in pattern.split("."))
    [stream] = [one for one in STREAMS if pattern in one.subjects]
    if may_publish(allowed(service), subject):
        assert service in stream.publishers
    elif service in stream.publishers:
        assert stream.crossing is not None or stream.name == "DEAD", "a publisher may write to all of its stream"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sends_commands_and_timers_to_itself_and_where_the_topology_says(service: str) -> None:
    may = allowed(service)
    for stream in (stream for stream in STREAMS if service in stream.publishers):
        if stream.crossing is None:
            continue
        own = {subject for d in durables_of(service) if d.stream == stream.name for subject in d.filters}
        others = {s for d in DURABLES if d.stream == stream.name and d.service != service for s in d.filters} - own
        assert all(may_publish(may, subject) for subject in (*own, *stream.crossing.get(service, ())))
        assert not any(subject in may.publish for subject in others - {*stream.crossing.get(service, ())})


@pytest.mark.parametrize("durable", DURABLES, ids=lambda d: d.name)
def test_a_durable_is_its_services_and_nobody_elses(durable) -> None:  # type: ignore[no-untyped-def]
    fetch = f"$JS.API.CONSUMER.MSG.NEXT.{durable.stream}.{durable.name}"
    acknowledge = f"$JS.ACK.{durable.stream}.{durable.name}.1.2.3.4.5"
    info = f"$JS.API.CONSUMER.INFO.{durable.stream}.{durable.name}"
    bury = f"dead.{durable.stream}.{durable.name}"
    for user in USERS:
        mine = user in (durable.service, OPS)
        assert [may_publish(allowed(user), subject) for subject in (fetch, acknowledge, info, bury)] == [mine] * 4


@given(services, st.sampled_from([stream.name for stream in STREAMS]), words)
def test_a_consumer_of_its_own_is_made_only_of_streams_that_a_service_reads(
    service: str, stream: str, name: str
) -> None:
    keeps = stream == "DELIVERY" and service == "notify"
    for api in (f"CREATE.{stream}", f"CREATE.{stream}.{name}", f"MSG.NEXT.{stream}.{name}"):
        assert may_publish(allowed(service), f"$JS.API.CONSUMER.{api}") == (stream in READ.get(service, ()) or keeps)


@given(st.sampled_from(USERS), st.sampled_from(USERS), words)
def test_an_inbox_is_heard_by_its_owner_alone(user: str, other: str, token: str) -> None:
    heard = [pattern for pattern in allowed(user).subscribe if matches(pattern, f"{inbox_of(other)}.{token}")]
    assert bool(heard) == (user == other)


@pytest.mark.parametrize("user", [user for user in USERS if user != OPS])
def test_nobody_but_ops_touches_the_streams_themselves(user: str) -> None:
    changing = ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.GET", "MSG.DELETE", "RESTORE", "SNAPSHOT")
    api = [f"$JS.API.STREAM.{verb}.{stream.name}" for stream in STREAMS for verb in changing]
    assert not any(may_publish(allowed(user), subject) for subject in (*api, "$JS.API.INFO", "$SYS.REQ.ACCOUNT.PING"))


@pytest.mark.parametrize("service", SERVICES)
def test_who_asks_is_answered(service: str) -> None:
    askers = {who for who, asked in QUERIES.items() if any(query.startswith(f"{service}.") for query in asked)}
    askers |= {who for who in SERVICES if any(may_publish(allowed(who), wish) for wish in _wishes_of(service))}
    answered = {user for user in USERS if may_publish(allowed(service), f"{inbox_of(user)}.x")}
    assert answered == {service, OPS, *askers}
    assert all(may_publish(allowed(who), q) for who, asked in QUERIES.items() for q in asked)


def _wishes_of(service: str) -> list[str]:
    """Every command that a service hears."""
    heard = [f for durable in durables_of(service) if durable.stream == "COMMAND" for f in durable.filters]
    return [type_ for type_ in COMMANDS if any(matches(pattern, type_) for pattern in heard)]


@pytest.mark.parametrize("user", [user for user in USERS if user.startswith(ADAPTER)])
def test_an_adapter_has_one_channel(user: str) -> None:
    channel = user.removeprefix(ADAPTER)
    may = allowed(user)
    stored = [subject for subject in may.publish if not subject.startswith("$JS.")]
    assert stored == [f"channel.in.{channel}", f"channel.receipt.{channel}"]
    assert may.subscribe == (f"{inbox_of(user)}.>", f"channel.out.{channel}")
    assert all(user in subject for subject in may.publish if subject.startswith("$JS."))


@pytest.mark.parametrize("user", [user for user in USERS if user != "ops"])
def test_nobody_has_a_message_sent_to_a_subject_of_his_choice(user: str) -> None:
    assert not [subject for subject in allowed(user).publish if "DIRECT.GET" in subject or "MSG.GET" in subject]


def test_whoever_is_no_user_has_no_rights() -> None:
    with pytest.raises(LookupError, match="no user"):
        allowed("root")


def test_passwords_are_made_once_and_only_for_who_is_new(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert passwords(tmp_path) == {}
    first = made(tmp_path)
    assert set(first) == set(USERS) and len(set(first.values())) == len(USERS)
    assert made(tmp_path) == first == passwords(tmp_path)
    (tmp_path / "nats-users.json").write_text(json.dumps({"intake": first["intake"]}))
    second = made(tmp_path)
    assert second["intake"] == first["intake"] and second["sla"] != first["sla"]
    assert (tmp_path / "nats-users.json").stat().st_mode & 0o777 == 0o600


def test_files_for_containers_give_each_user_its_own_password_and_no_other(tmp_path) -> None:  # type: ignore[no-untyped-def]
    known = made(tmp_path)
    for path in written(tmp_path, known):
        assert path.stat().st_mode & 0o777 == 0o600
        found = {user for user, password in known.items() if password in path.read_text()}
        assert found == (set(USERS) if path.name == "users.conf" else {path.stem})


def test_a_user_whose_password_is_unknown_is_not_let_in() -> None:
    assert '"user": "sla"' not in authorization({"intake": "x"})
