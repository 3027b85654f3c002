"""What a resolved case says, in the parts of an article: the question, symptoms, the cause, the steps. Pure."""

import re

from contracts.case import CaseResolved
from contracts.knowledge import ArticleContent

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+")  # all of a text lies in its sentences
_CAUSE = re.compile(r"原因|由于|因为|系因|经查|经核实|经排查|导致|是因|引起|造成|排查发现")
_GREETING = re.compile(r"^(?:您好|你好|老师好?|各位老师好?|在吗|请问|麻烦问一下|帮忙看一下)[,，。!！~～\s]*")
_SYMPTOM = re.compile(
    r"报错|失败|提示|返回|异常|超时|无法|不能|没有|不显示|为空|错误|不一致|不平|重复|卡住|打不开|[0-9]{4}"
)


def drafted(resolved: CaseResolved) -> ArticleContent:
    """The article of a resolution. What the texts do not tell apart stays whole in `answer`."""
    question = _polite(resolved.question)
    cause, steps = _parted(resolved.resolution)
    found = resolved.findings
    code = found.institution_code or resolved.institution_code
    return ArticleContent(
        title=_polite(resolved.title) or resolved.title,
        question=question,
        answer=steps,
        category=resolved.category,
        findings=found.model_copy(update={"institution_code": code}),
        symptoms="".join(s for s in _sentences(question) if _SYMPTOM.search(s))[:20_000],
        cause=cause,
    )


def _parted(resolution: str) -> tuple[str, str]:
    """Cause and steps; all of it is steps where nothing, or everything, speaks of a cause."""
    sentences = _sentences(resolution)
    cause = [s for s in sentences if _CAUSE.search(s)]
    if not cause or len(cause) == len(sentences):
        return "", resolution
    return "".join(cause).strip(), "".join(s for s in sentences if not _CAUSE.search(s)).strip()


def _sentences(text: str) -> list[str]:
    return _SENTENCE.findall(text)


def _polite(text: str) -> str:
    """Without the greetings that it begins with."""
    while (shorter := _GREETING.sub("", text)) != text:
        text = shorter
    return text.strip()
