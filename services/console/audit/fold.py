"""The pure core of the audit: a note is kept as it was said, once."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from chassis.errors import Refused
from chassis.message import Moment
from contracts.audit import Act, ActNoted
from contracts.envelope import Event

TITLES: dict[Act, str] = {
    "signed_in": "登录",
    "sign_in_failed": "登录失败",
    "locked_out": "登录锁定",
    "signed_out": "退出",
    "token_issued": "换取令牌",
    "revealed": "查看原文",
    "exported": "导出",
    "rights_changed": "账户变更",
    "settings_changed": "通知设置变更",
    "refused": "拒绝访问",
}
"""Each act in the words that auditors read."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who did what to what, where and when; as in contracts.audit.ActNoted."""

    at: datetime
    actor: str
    actor_name: str
    act: Act
    service: str
    object: str
    institution: str = ""
    address: str = ""
    detail: str = ""


def fold(note: Note | None, moment: Moment) -> tuple[Note, Sequence[Event]]:
    """Raises Refused for what is no note."""
    said = moment.message.body
    if not isinstance(said, ActNoted):
        raise Refused("unknown_command", f"不认识的消息 {said}")
    kept = Note(
        said.occurred_at, said.actor.id, said.actor.name, said.act, said.service, said.object, said.institution_code,
        said.address, said.detail,
    )  # fmt: skip
    return note or kept, []
