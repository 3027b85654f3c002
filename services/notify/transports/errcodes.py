"""Vendors that answer HTTP 200 and say in the body what went wrong: from their number to what it means for a letter."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chassis.posting import UNSURE, Declined, Later, SendFailed


class Codes(NamedTuple):
    """`busy`: seconds to wait, at least; `refused`: this letter or this person; `ours`: what an operator has to mend.

    A number that is in none of them was refused as well: nothing was sent, and asking again gets the same answer.
    """

    vendor: str
    field: str
    busy: Mapping[int, float]
    refused: Mapping[int, str]
    ours: Mapping[int, str]

    def judge(self, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """The body, where it says that all is well. Raises SendFailed."""
        code = body.get(self.field) if body is not None else None
        if body is None or not isinstance(code, int) or isinstance(code, bool):
            raise SendFailed(f"{self.vendor}的应答无法识别, {UNSURE}", unsure=True)
        if code == 0:
            return body
        if code in self.busy:
            raise Later(f"{self.vendor}限流或繁忙 ({self.field} {code})", self.busy[code])
        if code in self.refused:
            raise Declined(f"{self.refused[code]} ({self.vendor} {self.field} {code})")
        hint = self.ours.get(code, "请按错误码查对该发送服务的配置")
        raise SendFailed(f"{self.vendor}没有接受 ({self.field} {code}): {hint}", permanent=True)
