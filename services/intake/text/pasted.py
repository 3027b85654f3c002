"""Reads a pasted request, response or log of the HIS interface (定点医药机构接口): JSON, XML, key=value, escaped JSON.

Nothing is parsed as JSON or XML: what people paste is cut, escaped once or twice and mixed with other text. The
names of the envelope's fields are enough, and reading them takes one pass. Text in a broken encoding is not read.
"""

import re
from typing import Literal, NamedTuple

Kind = Literal["request", "response", "log"]

_GAP = r"""["'\\]{0,8}\s{0,4}[:=>]\s{0,4}["'\\]{0,8}"""
_GATE = re.compile(
    r"(?:[iI][nN][fF](?:_?[nN][oO]|_?[cC][oO][dD][eE]|_[rtRT][a-zA-Z]{2,8})|msg_?[iI][dD]|err_?[mM]sg|\"code|"
    rf"(?:fixmedins_code|FIXMEDINS_CODE)){_GAP}"
)
_FIELD = re.compile(
    r"(?<![a-z/])(infno|msgid|inf_time|fixmedins_code|infcode|inf_refmsgid|refmsg_time|respond_time|err_?msg"
    r"|mdtrtarea_admvs|recer_sys_code|infver|opter_type|sign_no)"
    rf"{_GAP}(20[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}[ T][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}|[^\"'\\<>,&\s{{}};，；]{{1,64}})",
    re.IGNORECASE,
)
_GATEWAY = re.compile(
    rf"\"code{_GAP}(-?[0-9]{{1,6}})[\"'\\]{{0,8}}\s{{0,4}},\s{{0,4}}[\"'\\]{{0,8}}(?:message|msg)[\"'\\]"
)
_LOGGED = re.compile(r"^[\[(]?(20[0-9]{2})[-/]([0-9]{2})[-/]([0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})", re.MULTILINE)
_LEVEL = re.compile(r"(?<![A-Za-z])(?:INFO|ERROR|WARN|DEBUG|FATAL|TRACE)(?![A-Za-z])")
_STAMP = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])([0-2][0-9]|3[01])([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9])")
_CODE = re.compile(r"[HP][0-9]{11}")
_MSGID = re.compile(r"[HP][0-9]{29}")
_OF_RESPONSE = ("infcode", "inf_refmsgid", "refmsg_time", "respond_time", "err_msg", "errmsg")


class Pasted(NamedTuple):
    """What its envelope says; `happened_at` is the time as it stood there, in the platform's own format."""

    kind: Kind
    infno: str | None = None
    institution_code: str | None = None
    msgid: str | None = None
    error_code: str | None = None
    happened_at: str | None = None


def pasted(text: str) -> Pasted | None:
    """None when nothing of the interface was pasted: a single field name is a person's word."""
    if not (":" in text or "=" in text or ">" in text) or not _GATE.search(text):
        return None
    fields, gateway, logged = _fields(text), _GATEWAY.search(text), _LOGGED.search(text)
    is_log = logged is not None or _LEVEL.search(text) is not None
    if not gateway and (not fields or len(fields) + is_log < 2):
        return None
    at = f"{logged[1]}-{logged[2]}-{logged[3]} {logged[4]}" if logged else None
    return _read(fields, gateway and gateway[1], at, is_log)


def _fields(text: str) -> dict[str, str]:
    """The first value of each field: what comes later may be another message."""
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        if value not in ("null", "None"):
            fields.setdefault(name.lower(), value)
    return fields


def _read(fields: dict[str, str], gateway: str | None, logged: str | None, is_log: bool) -> Pasted:
    msgid, code = fields.get("msgid", ""), fields.get("fixmedins_code", "")
    infcode = fields.get("infcode", "0")
    return Pasted(
        kind=_kind(fields, gateway is not None, is_log),
        infno=fields.get("infno"),
        institution_code=code if _CODE.fullmatch(code) else None,
        msgid=msgid if _MSGID.fullmatch(msgid) else None,
        error_code=infcode if infcode.lstrip("0") else gateway if gateway not in ("0", "200") else None,
        happened_at=_time(fields, logged, msgid),
    )


def _kind(fields: dict[str, str], gateway: bool, is_log: bool) -> Kind:
    answers = gateway or any(name in fields for name in _OF_RESPONSE)
    if is_log or (answers and ("infno" in fields or "inf_time" in fields)):
        return "log"
    return "response" if answers else "request"


def _time(fields: dict[str, str], logged: str | None, msgid: str) -> str | None:
    if (sent := fields.get("inf_time", "")) and len(sent) == 19:
        return sent.replace("T", " ")
    for stamp in (fields.get("respond_time", ""), fields.get("refmsg_time", "")):
        if found := _STAMP.match(stamp):
            return _written(found)
    if logged:
        return logged
    found = _STAMP.match(msgid, 12)
    return _written(found) if found else None


def _written(stamp: re.Match[str]) -> str:
    return "{}-{}-{} {}:{}:{}".format(*stamp.groups())
