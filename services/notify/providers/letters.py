"""From a Handover to a Letter: the words as the provider's format wants them, never longer than it takes. Pure.

A transport that says `titled` shows title and link in places of their own, and the body is the text alone. For others
the body is the whole message: title, text, link. What is too long loses the end of its text, at a whole character, then
of its title; the link stays whole, and is left out only where it alone is too long. Transports mark repetitions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from contracts.delivery import Handover
from contracts.setting import MessageTemplate
from services.notify.providers.markup import Raw, markdown, one_line
from services.notify.rules import sandbox, templating
from services.notify.rules.cutting import ELLIPSIS, cut, fits, graphemes
from services.notify.rules.parts import Complain, nobody_hears
from services.notify.transports.port import Format, Letter, Transport

LONGEST_TITLE: Final = 120
Facts = dict[str, Any]
Make = Callable[[Facts], str]


@dataclass(frozen=True, slots=True)
class Limits:
    """UTF-16 units and UTF-8 bytes; 0 is no limit."""

    characters: int
    octets: int

    def take(self, text: str) -> bool:
        return fits(text, self.characters, self.octets)


def letter_of(
    handover: Handover,
    address: str,
    transport: Transport,
    repeat: bool = False,
    template: MessageTemplate | None = None,
    link: str = "",
    complain: Complain = nobody_hears,
) -> Letter:
    """`template` None is the packaged one; one that fails is as none, and `complain` is told.

    `Letter.title` is plain text in every format. A transport of HTML gets the page in `html`, plain words in `body`.
    """
    facts = templating.facts_of(handover, link, repeat, bool(getattr(transport, "titled", False)))
    title, body, html = _words(template, transport, facts, handover.rule, complain)
    return Letter(
        id=f"{handover.alert_id}-{handover.delivery}", alert_id=str(handover.alert_id), recipient=handover.recipient,
        address=address, urgency=handover.urgency, title=title, body=body, link=link, repeat=repeat, html=html,
    )  # fmt: skip


def _words(
    template: MessageTemplate | None, transport: Transport, facts: Facts, rule: str, complain: Complain
) -> tuple[str, str, str]:
    """Title, body and HTML, by the packaged template where the chosen one fails."""
    if template is not None:
        try:
            return _said(template, transport, facts)
        except sandbox.TROUBLE as error:
            complain(rule, f"template {template.name}", type(error).__name__)
    return _said(templating.PACKAGED[transport.format], transport, facts)


def _said(template: MessageTemplate, transport: Transport, facts: Facts) -> tuple[str, str, str]:
    """Raises what `sandbox.TROUBLE` lists."""
    words, is_html = templating.compiled(template, transport.format), transport.format == "html"
    plain = templating.compiled(templating.PACKAGED["text"], "text") if is_html else words
    limits = Limits(transport.most_characters, transport.most_bytes)
    body = fitted(_making(words.title, plain.body, transport.format), facts, limits)
    return _title(words.title, facts), body, words.body(facts) if is_html else ""


def _title(title: sandbox.Made, facts: Facts) -> str:
    return cut(one_line(title(facts)), LONGEST_TITLE, ELLIPSIS)


def _making(title: sandbox.Made, body: sandbox.Made, format_: Format) -> Make:
    """The whole message where the transport shows no title, else the text."""

    def make(facts: Facts) -> str:
        text, link = body(facts).strip(), facts["link"]
        if facts["titled"]:
            return text
        label = "全文见链接" if facts["cut"] else "查看并确认"
        head, tail = _title(title, facts), ""
        if link and link not in text:
            tail = f"[{label}]({link})" if format_ == "markdown" else f"{label}: {link}"
        if format_ == "markdown":
            return "\n\n".join(part for part in (f"**{markdown(head)}**" if head else "", text, tail) if part)
        return "\n".join(part for part in (head, text, tail) if part)

    return make


def fitted(make: Make, facts: Facts, limits: Limits) -> str:
    """The longest of what `make` says that is within the limits."""
    if limits.take(whole := make(facts)):
        return whole
    rest = facts
    for part in ("body", "title"):
        if found := _shortened(make, rest, part, limits):
            return found
        rest = {**rest, part: "", "cut": True}
    if not (link := str(facts["link"])):
        return _bare(facts, limits)
    return link if link in whole and limits.take(link) else fitted(make, {**facts, "link": Raw()}, limits)


def _shortened(make: Make, facts: Facts, part: str, limits: Limits) -> str:
    """With as much of `part` as fits; empty where even without it nothing does. Searches by halves."""
    pieces = list(graphemes(facts[part]))
    best, low, high = "", 0, len(pieces)
    while low <= high:
        middle = (low + high) // 2
        begun = "".join(pieces[:middle]).rstrip()
        tried = make({**facts, part: begun + ELLIPSIS if pieces else "", "cut": True})
        if limits.take(tried):
            best, low = tried, middle + 1
        else:
            high = middle - 1
    return best


def _bare(facts: Facts, limits: Limits) -> str:
    """As much of the title as fits where not even the frame of the message does; safe in every format."""
    kept = ""
    for whole in graphemes(facts["title"]):
        if not limits.take(kept + markdown(whole)):
            break
        kept += markdown(whole)
    return kept.strip()
