"""What the classifier sees of a question: single characters, pairs of them, and what was read out of the text.

Numbers say little beyond their length, except a transaction's, which the findings carry.
"""

import re

from contracts.case import Findings

MAX_CHARACTERS = 400  # the question comes first; pasted logs after it would drown it
_DIGIT = re.compile(r"[0-9]")
_NOISE = re.compile(r"[\s,，。.!！?？;；:：~～、]+|老师好?|您好|你好|请问|麻烦|谢谢")


def features(text: str, findings: Findings) -> list[str]:
    """The features with repetitions, in order; the same text gives the same list everywhere."""
    plain = " " + _DIGIT.sub("0", _NOISE.sub(" ", text[:MAX_CHARACTERS].lower())).strip() + " "
    n = len(plain)
    found = [plain[i : i + size] for size in (1, 2) for i in range(n - size + 1)]
    if findings.infno:
        found += (f"=infno {findings.infno[:2]}", f"=infno {findings.infno}")
    if findings.error:
        found.append("=error")
    if findings.msgid or findings.pasted:
        found.append("=pasted")
    return found
