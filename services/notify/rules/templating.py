"""Message templates (消息模板): how an alert reads on each kind of provider, from the facts of its Handover. Pure.

Personal data is masked here, before words become a letter: alerts tell of masked events, but a notice may hold what a
colleague has typed. Office numbers stay: people are to call them.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from chassis.personal.masking import mask_reply
from contracts.delivery import Handover
from contracts.notify import URGENCY_NAMES
from contracts.setting import MessageTemplate
from services.notify.providers.markup import Raw, clean, markdown, one_line
from services.notify.rules import sandbox

MARKDOWN: Final = sandbox.Environment(finalize=markdown)
HTML: Final = sandbox.Environment(html=True)
_ENVIRONMENTS: Final = {"text": sandbox.PLAIN, "markdown": MARKDOWN, "html": HTML}
# No 【】 around it: carriers take those at the beginning of a text message for the sender's signature.
_HEADING = "〔{{ urgency_name }}〕{{ title }}{% if count > 1 %} (已归并 {{ count }} 条){% endif %}"
_WORDS = "{{ body }}{% if cut and link and titled %} (全文见链接){% endif %}"
_HTML = (
    '<div style="font-family:sans-serif;max-width:640px"><p style="font-size:16px">'
    "<strong>" + _HEADING + "</strong>{% if repeat %} (可能重复){% endif %}</p>"
    '{% if body %}<p style="white-space:pre-line">{{ body }}</p>{% endif %}'
    '{% if link %}<p><a href="{{ link }}">查看并确认</a></p>{% endif %}</div>'
)  # fmt: skip
PACKAGED: Final[dict[str, MessageTemplate]] = {
    name: MessageTemplate(name=name, title=_HEADING, body=body)
    for name, body in (("text", _WORDS), ("markdown", _WORDS), ("html", _HTML))
}
"""By the transport's format. Title and body apart: the letter puts them together where the transport does not."""


class Compiled(NamedTuple):
    """A template for one format; both functions of the facts, and both may raise what `sandbox.TROUBLE` lists."""

    title: sandbox.Made
    body: sandbox.Made


@lru_cache(maxsize=256)
def compiled(template: MessageTemplate, format_: str) -> Compiled:
    """Titles are plain text in every format. Raises TemplateSyntaxError."""
    return Compiled(sandbox.text(template.title), sandbox.text(template.body, _ENVIRONMENTS[format_]))


def chosen(templates: Iterable[MessageTemplate], name: str, kind: str) -> MessageTemplate | None:
    """The template that a rule names, where it is meant for this kind of provider; None: the packaged one."""
    found = next((one for one in templates if one.name == name), None) if name else None
    return found if found is not None and (not found.for_kinds or kind in found.for_kinds) else None


def facts_of(handover: Handover, link: str = "", repeat: bool = False, titled: bool = False) -> dict[str, Any]:
    """What a template may name; the words are masked and clean. `cut` is true once `body` is only its beginning."""
    return {
        "title": one_line(mask_reply(clean(handover.title))),
        "body": mask_reply(clean(handover.body)).strip(),
        "number": mask_reply(clean(handover.number)),
        "urgency": handover.urgency,
        "urgency_name": URGENCY_NAMES[handover.urgency],
        "count": handover.count,
        "rule": handover.rule,
        "provider": handover.provider,
        "link": Raw(link),
        "repeat": repeat,
        "titled": titled,
        "cut": False,
    }
