"""Where messages go: finds each conversation's cases in MongoDB, lets the rules of threading choose, notes the reasons.

For new conversations, which are most, one query is all. Only where a known conversation opens another case is asked
how many it has had, and which was the last.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import NamedTuple, Protocol
from uuid import UUID

from chassis.message import Message
from chassis.personal.masking import mask
from chassis.store import Document, Raw, binary
from contracts.channel import ChannelMessage
from contracts.envelope import derive_id
from services.intake.around import Around
from services.intake.category.categoriser import Categoriser, by_rules
from services.intake.category.rules import rule
from services.intake.clean import time_of
from services.intake.duty.choose import Duty
from services.intake.model import Case, case_id_of, conversation_of
from services.intake.text.findings import find
from services.intake.text.plain import normalise
from services.intake.text.quoted import unquote
from services.intake.threads.rules import Rules, Said, Thread, alone, choose

Doc = Document[Case]
_SAYS = re.compile(r"^[^：:]{1,20}[：:]\s*")


class Who(NamedTuple):
    """The sender, as the directory knows them."""

    contact: str | None = None
    institution_code: str | None = None
    staff: bool = False


class Neighbours(Protocol):
    """What the store asks while it locates: who somebody is, who is on duty, whose account this is."""

    def identity(self, channel: str, account: str) -> UUID: ...
    def who(self, identity: UUID) -> Who: ...
    def duty(self) -> Duty | None: ...
    @property
    def judge(self) -> Categoriser: ...


class Strangers:
    """Nobody is known and nobody on duty: for tests and benches."""

    def identity(self, channel: str, account: str) -> UUID:
        return derive_id("identity", channel, account)

    def who(self, identity: UUID) -> Who:
        return Who()

    def duty(self) -> Duty | None:
        return None

    judge = by_rules


class Earlier(NamedTuple):
    """How many cases a conversation has had, and the last ended one of each requester (`lasts`).

    The last of somebody whose case was merged is the case that it was merged into.
    """

    n: int = 0
    lasts: Mapping[UUID, Doc] = MappingProxyType({})


class Locator:
    """Chooses the document of each message of a batch. `earlier` asks the database about known conversations."""

    def __init__(self, stored: Sequence[Doc], neighbours: Neighbours, rules: Rules, now: datetime) -> None:
        self._stored, self._neighbours, self._rules = {d.id: d for d in stored}, neighbours, rules
        self.knows = {cause: d for d in stored for cause in d.causes}
        self._now = now

    def place(self, messages: Sequence[Message], earlier: dict[UUID, Earlier]) -> list[Doc]:
        """The document of each message, in order."""
        self._begin(earlier)
        return [self._place(message) for message in messages]

    @property
    def unsure(self) -> set[UUID]:
        """The conversations for which `place` opened another case without knowing of the earlier ones."""
        if not self._stored:
            return set()
        return {c for c in self._opened if c not in self._earlier and case_id_of(c, 0) in self._stored}

    def _begin(self, earlier: dict[UUID, Earlier]) -> None:
        self._earlier = earlier
        self._opened: dict[UUID, int] = {}
        self._placed: dict[UUID, Doc] = {}
        self._threads: dict[UUID, list[Thread]] = {}
        self._documents = {d.id: d for e in earlier.values() for d in e.lasts.values()} | self._stored
        for d in self._stored.values():
            if d.state is not None and d.state.current:
                self._threads.setdefault(d.state.conversation, []).append(Thread.of(d.id, d.state))
        for conversation, known in earlier.items():
            threads = self._threads.setdefault(conversation, [])
            for requester, d in known.lasts.items():
                if d.state is not None and d.id not in {t.id for t in threads}:
                    threads.append(replace(Thread.of(d.id, d.state), requester=requester))

    def _place(self, message: Message) -> Doc:
        known = self.knows.get(message.cause_id) or self._placed.get(message.cause_id)
        document = self._placed[message.cause_id] = known or self._choose(message)
        return document

    def _choose(self, message: Message) -> Doc:
        body = message.body
        assert isinstance(body, ChannelMessage)
        conversation = conversation_of(body)
        requester = self._neighbours.identity(body.channel, body.sender.id)
        who = self._neighbours.who(requester)
        staff = who.staff or body.sender.role == "staff"
        at = time_of(body.occurred_at, self._now)
        threads = self._threads.setdefault(conversation, [])
        if threads or body.quote or body.case_id:
            said = Said(at, requester, body.text, partial(_about, body.text), staff=staff, group=body.group)
            choice = choose(said, threads, self._quoted(body, threads), self._rules)
        else:
            choice = alone(body.text, staff)
        if choice.thread is None:
            document = self._new(conversation)
            marked = choice.why == "marker"
            threads.append(Thread(document.id, requester, at, at, "new", marked, None, None, None, False))
        else:
            document = self._documents[choice.thread.id]
            choice.thread.hear(at)
        message.hint = Around(
            requester, choice.why, None if at is self._now else at, choice.follows, choice.claims, staff,
            who.contact, who.institution_code, self._neighbours.duty(), self._neighbours.judge,
        )  # fmt: skip
        return document

    def _quoted(self, body: ChannelMessage, threads: list[Thread]) -> Thread | None:
        if body.case_id is not None:  # the person picked it, which says as much as a quote
            picked = self._stored.get(body.case_id)
            state = picked.state if picked else None
            return Thread.of(body.case_id, state) if state and state.merged_into is None else None
        if body.quote is None or body.quote.message_id is None:
            return self._quoted_in_words(body.quote.text if body.quote else unquote(body.text)[0], threads)
        cause = derive_id("channel", body.channel, body.quote.message_id)
        document = self.knows.get(cause) or self._placed.get(cause)
        if document is None or (document.state and body.quote.message_id not in _ids(document.state)):
            return None  # moved since; the conversation's own threads decide
        known = next((t for t in threads if t.id == document.id), None)
        return known or (Thread.of(document.id, document.state) if document.state else None)

    def _quoted_in_words(self, quoted: str, threads: list[Thread]) -> Thread | None:
        """Channels that pass on a quote as text alone: the latest thread in which somebody said that."""
        if not quoted:
            return None
        said = mask(normalise(quoted)).rstrip("….")
        # Some write who said it before the words.
        words = {said, _SAYS.sub("", said)} - {""}
        return next((t for t in reversed(threads) for w in words if self._said_in(t.id, w)), None)

    def _said_in(self, case: UUID, words: str) -> bool:
        state = self._documents[case].state
        return state is not None and any(words in line.text for line in state.lines)

    def _new(self, conversation: UUID) -> Doc:
        opened = self._opened.get(conversation, 0)
        self._opened[conversation] = opened + 1
        before = self._earlier[conversation].n if conversation in self._earlier else 0
        id_ = case_id_of(conversation, before + opened)
        document = self._documents[id_] = Document(id_)
        return document


def _ids(case: Case) -> set[str]:
    return {id_ for line in case.lines for id_ in line.message_ids}


def _about(text: str) -> tuple[str | None, str | None]:
    plain = normalise(text)
    found = find(plain)
    category, decided = rule(plain, found)
    return found.infno, category if decided else None


def wanted(messages: Sequence[Message]) -> Raw:
    """The query for all that a batch may touch: open threads, known causes, quoted messages, first cases."""
    bodies = [m.body for m in messages if isinstance(m.body, ChannelMessage)]
    conversations = {conversation_of(b) for b in bodies}
    picked = [b.case_id for b in bodies if b.case_id]
    quoted = [derive_id("channel", b.channel, b.quote.message_id) for b in bodies if b.quote and b.quote.message_id]
    return {
        "$or": [
            {"state.conversation": {"$in": [binary(c) for c in conversations]}, "state.current": True},
            {"causes": {"$in": [binary(c) for c in (*(m.cause_id for m in messages), *quoted)]}},
            {"_id": {"$in": [binary(id_) for id_ in (*(case_id_of(c, 0) for c in conversations), *picked)]}},
        ]
    }
