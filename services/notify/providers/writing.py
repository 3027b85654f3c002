"""How a delivery becomes the letter that its provider takes: template, link, answering code, and what is enclosed."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.delivery import Handover
from services.notify.digests.enclosures import enclosed
from services.notify.people.picture import People
from services.notify.providers.letters import letter_of
from services.notify.rules.faults import complain
from services.notify.rules.rulebook import Rulebook
from services.notify.rules.templating import chosen
from services.notify.transports.port import Letter, Transport

ANSWERED = ("wecom_app",)
"""Kinds whose messages can be answered, and so acknowledged by a code."""
LinkOf = Callable[[UUID, int, str, datetime], str]
CodeOf = Callable[[UUID, str], str]


class Writer:
    """`rulebook` is asked anew each time, for rules change."""

    def __init__(
        self, rulebook: Callable[[], Rulebook], people: People, kinds: Mapping[str, str], link_of: LinkOf,
        code_of: CodeOf, links_valid: timedelta,
    ) -> None:  # fmt: skip
        self._rulebook, self._people, self._kinds = rulebook, people, kinds
        self._link_of, self._code_of, self._valid = link_of, code_of, links_valid

    def __call__(self, handover: Handover, address: str, transport: Transport, repeat: bool) -> Letter:
        kind = self._kinds.get(handover.provider, "")
        rule = self._rulebook().named(handover.rule)
        template = chosen(self._people.templates(), rule.rule.template if rule else "", kind)
        until = datetime.now(UTC) + self._valid
        link = self._link_of(handover.alert_id, handover.delivery, handover.recipient, until)
        if kind in ANSWERED:
            code = self._code_of(handover.alert_id, handover.recipient)
            handover = handover.model_copy(update={"body": f"{handover.body}\n回复“知悉 {code}”即可确认".strip()})
        letter = letter_of(handover, address, transport, repeat, template, link, complain)
        return enclosed(letter, handover, transport)
