"""What somebody writes in the editor, made into what the service takes. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from services.console.web.forms import words_of

Json = dict[str, Any]
_TEXTS: Final = (
    "title", "question", "answer", "category", "kind", "symptoms", "cause", "institution_type", "edition", "why",
)  # fmt: skip
_FINDINGS: Final = ("infno", "error", "error_code")
BLANK: Final[Json] = {
    "title": "", "question": "", "answer": "", "symptoms": "", "cause": "", "institution_type": "", "edition": "",
    "kind": "solution", "category": "", "audience": "engineers", "keywords": [], "findings": {}, "version": 0, "id": "",
}  # fmt: skip


def written(form: Mapping[str, str], before: Json) -> Json:
    """The content; what the form has no field for stays as it was `before`."""
    found = {**before.get("findings", {}), **{name: form.get(name, "").strip() or None for name in _FINDINGS}}
    texts = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in _TEXTS}
    return {**texts, "keywords": words_of(form.get("keywords", "")), "findings": found, "audience": audience_of(form)}


def audience_of(form: Mapping[str, str]) -> str:
    """`hospital` is chosen, whose archive it is stands beside."""
    chosen = form.get("audience", "engineers")
    return f"hospital:{form.get('institution', '').strip()}" if chosen == "hospital" else chosen


def fields(content: Json) -> Json:
    """A content as the editor's fields."""
    audience, _, institution = content["audience"].partition(":")
    findings = dict.fromkeys(_FINDINGS, "") | {name: text or "" for name, text in content["findings"].items()}
    keywords = "、".join(content["keywords"])
    return {**content, "audience": audience, "institution": institution, "keywords": keywords, "findings": findings}
