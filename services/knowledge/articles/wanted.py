"""What a request asks for, made into the facts of a command. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from chassis.errors import Refused
from chassis.personal.masking import mask_reply
from contracts.knowledge import ArticleContent, Source
from services.knowledge.articles.model import cleaned

Json = dict[str, Any]
LONGEST: Final = {"title": 200, "question": 20_000, "answer": 20_000}
_BESIDE: Final = ("why", "sources")
_NAMES: Final = {"title": "标题", "question": "问题", "answer": "处理步骤"}


class BadContent(Refused):
    status = 400


def writing(data: Json) -> Json:
    """Content, `why` and `sources` of a WriteArticle, masked. Raises BadContent, and ValidationError of pydantic."""
    if faults := list(_faults(data)):
        raise BadContent("bad_content", "; ".join(faults))
    content = cleaned(ArticleContent.model_validate({k: v for k, v in data.items() if k not in _BESIDE}))
    sources = [Source.model_validate(one) for one in data.get("sources", ())]
    masked = [one.model_copy(update={"label": mask_reply(one.label)}) for one in sources]
    return {"content": content, "why": mask_reply(str(data.get("why", ""))), "sources": masked}


def _faults(data: Json) -> Iterator[str]:
    if unknown := sorted(data.keys() - set(ArticleContent.model_fields) - set(_BESIDE)):
        yield f"不认识字段 {', '.join(unknown)[:200]}: 请改正拼写或删去"
    for name, most in LONGEST.items():
        text = data.get(name)
        if not isinstance(text, str) or not text.strip():
            yield f"请填写{_NAMES[name]} ({name})"
        elif len(text) > most:
            yield f"{_NAMES[name]} ({name}) 最多 {most} 字, 现有 {len(text)} 字"
    if not isinstance(data.get("sources", []), list):
        yield "sources 应为列表: [{kind, id, label}]"
