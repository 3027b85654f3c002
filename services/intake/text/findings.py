"""Reads out of a message what the desk would otherwise ask for: transaction, error, institution, ids, amounts.

A guess that is wrong costs more than none: a transaction number needs a word beside it and must exist.
Expects a masked text, because the findings are stored with the case.
"""

import re

from contracts.case import Findings
from contracts.envelope import trusted
from services.intake.text.codes import catalogue, diagnoses, divisions, settlements, visits
from services.intake.text.figures import amounts, dates
from services.intake.text.pasted import Pasted, pasted
from services.intake.text.transactions import is_transaction

MAX_ERROR = 120

# Every pattern begins with fixed characters, so that `re` skips over other text at full speed.
_CODE = re.compile(r"[HP](?<![A-Za-z0-9].)([0-9]{11})([0-9]{18})?(?![0-9])")
_NUMBER = re.compile(r"[1-9](?<![0-9A-Za-z.\-/:].)[0-9]{3}(?:[A-Z]|[0-9]{2})?(?![0-9A-Za-z]|[-/.:年元][0-9]?)")
_BEFORE = re.compile(
    r"""(?:infno["'\\]*\s{0,3}[:：=]?\s{0,3}["'\\]*|[【\[]"""
    r"""|(?:交易|接口|调用?|执行|服务|功能)(?:编?号|代?码)?(?:是|为)?[\s:：(（【\[]{0,3})\Z"""
)
_AFTER = re.compile(
    r"[\s】\]）)]{0,3}(?:号?(?:接口|交易)|预结算|获取|查询|读卡|也|报错|失败|出错|返回|提示|超时|异常|结算|上传|冲正|撤销|登记|入参|出参|一直|总是)"
)
_ERR_MSG = re.compile(
    r"""(?:err_?[mM]sg|errorMsg|"message)["'\\]{0,3}\s{0,3}[:：=]\s{0,3}"""
    r"""(?:"((?:[^"\\]|\\.){1,2000})"|["'\\]{0,3}([^"'\\\n&}<]{1,500}))"""
)
_SAID = re.compile(
    r"(?:报错|提示|错误|异常|失败)(?:了|信息|内容|原因|消息|代码|如下|显示|为|是|说)*"
    r"(?:\s{0,3}[:：]\s{0,3}[\"“「『【]?|\s{0,3}[\"“「『]"
    r"|(?<=报错|提示)(?!了|的|吗|怎|如何|什么|啥|请|麻烦|[,，。？?！!]))"
    r"([^。！？!?；;\n\"“”「」『』]{2,500})"
)
_ERROR_CODE = re.compile(
    r"(?:错误|异常|返回|状态|报错|失败)(?:代?码|编[码号])(?:是|为)?[\s:：=]{0,3}[\"“【\[]?(-?[A-Za-z]{0,6}[-_]?[0-9]{1,8})"
    r"(?![0-9A-Za-z*])"
)
_ESCAPE = re.compile(r"\\([nrt]|.)")
_DIGIT = re.compile("[0-9]")
NOTHING = Findings()


def find(text: str, institution_code: str | None = None) -> Findings:
    """What `text` says; `institution_code` is the sender's, for a text that names none."""
    error = _error(text)
    if not _DIGIT.search(text):  # the usual question in words only
        if not (error or institution_code):
            return NOTHING
        return trusted(Findings, {"error": error, "institution_code": institution_code})
    envelope = pasted(text)
    institution, msgid = _codes(text)
    facts = {
        "infno": _infno(text, envelope),
        "error": error,
        "error_code": _error_code(text, envelope),
        "institution_code": (envelope and envelope.institution_code) or institution or institution_code,
        "msgid": (envelope and envelope.msgid) or msgid,
        "setl_ids": settlements(text),
        "mdtrt_ids": visits(text),
        "admdvs": divisions(text),
        "amounts": amounts(text),
        "dates": dates(text),
        "diagnoses": diagnoses(text),
        "catalogue": catalogue(text),
        "pasted": envelope and envelope.kind,
        "happened_at": envelope and envelope.happened_at,
    }
    return trusted(Findings, facts) if any(facts.values()) else NOTHING


def _codes(text: str) -> tuple[str | None, str | None]:
    """A msgid begins with the code of its institution; a code on its own is the better witness."""
    institution = msgid = None
    for code in _CODE.finditer(text):
        if code[2]:
            msgid = msgid or code[0]
        else:
            institution = institution or code[0]
    return institution or (msgid and msgid[:12]), msgid


def _infno(text: str, envelope: Pasted | None) -> str | None:
    if envelope and envelope.infno and is_transaction(envelope.infno):
        return envelope.infno
    for number in _NUMBER.finditer(text):
        start, end = number.span()
        if is_transaction(number[0]) and (_BEFORE.search(text, max(0, start - 20), start) or _AFTER.match(text, end)):
            return number[0]
    return None


def _error_code(text: str, envelope: Pasted | None) -> str | None:
    """What somebody names as one before the status of the envelope, which is nearly always -1."""
    found = _ERROR_CODE.search(text)
    return found[1] if found else envelope and envelope.error_code


def _error(text: str) -> str | None:
    """The platform's own words first, then what the person reports."""
    for pattern in (_ERR_MSG, _SAID):
        for found in pattern.finditer(text):
            words = _tidy(found[found.lastindex or 1])
            if len(words) > 1 and words != "null":
                return words if len(words) <= MAX_ERROR else words[: MAX_ERROR - 1] + "…"
    return None


def _tidy(words: str) -> str:
    if "\\" in words:
        words = _ESCAPE.sub(lambda m: " " if m[1] in "nrt" else m[1], words)
    return " ".join(words.split()).strip("，,、:： ")
