"""What somebody who is signed in types into the form of a question, as a message of the channel `web`. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, get_args
from uuid import UUID

from contracts.case import Category
from contracts.channel import Attachment, ChannelMessage
from services.intake.channels.reading import BadPayload, message_of, word
from services.intake.text.plain import normalise

MOST_FILES = 20


class Question(NamedTuple):
    """`institution` is a code, or empty."""

    text: str
    institution: str = ""


def parse_question(fields: Mapping[str, Any], files: int) -> Question:
    """Raises BadPayload for a question that says nothing, and for a category or an institution that there is not."""
    text, category = word(fields, "text"), word(fields, "category")
    if not normalise(text) and not files:
        raise BadPayload("没有写问题: 请填写 text, 或附上文件")
    if files > MOST_FILES:
        raise BadPayload(f"附件过多: 最多 {MOST_FILES} 个")
    if category and category not in get_args(Category):
        raise BadPayload("没有这个类别: 请从 GET /categories 的类别中选择, 或留空")
    # Said in words, as everything that people say: the rules weigh it with the rest of the question.
    said = f"{text}\n类别: {category}" if category else text
    return Question(said if normalise(said) else "", word(fields, "institution"))


def message_of_question(
    question: Question, message_id: str, person: str, name: str, institution_code: str | None,
    attachments: Sequence[Attachment], now: datetime, case_id: UUID | None,
) -> ChannelMessage:  # fmt: skip
    """Raises BadPayload. `person` stands for the account; with `case_id` it goes on with that case."""
    return message_of(
        message_id=message_id,
        channel="web",
        conversation_id=person if case_id else message_id,
        sender={"id": person, "name": name, "institution_code": institution_code},
        text=question.text,
        attachments=tuple(attachments),
        case_id=case_id,
        occurred_at=now,
    )
