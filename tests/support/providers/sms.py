"""A gateway of text messages: JSON, a signature over phone, text and time, its own codes, and receipts."""

import hashlib
import hmac
import itertools
from dataclasses import dataclass, field
from typing import Any

from tests.support.providers.core import Answer, Request, Taken, Vendor

APP, SECRET = "yibao", "sms-secret"
CONFIG: dict[str, Any] = {
    "kind": "sms",
    "path": "/sms/v1/send",
    "headers": {
        "Content-Type": "application/json",
        "X-Sign": "{{ (phone ~ text ~ timestamp) | hmac_sha256(secrets.key) }}",
    },
    "body": '{"app": {{ secrets.app | tojson }}, "phone": {{ phone | tojson }}, "text": {{ text | tojson }},'
    ' "timestamp": {{ timestamp }}, "out_id": {{ id | tojson }}}',
    "secrets": {"key": SECRET, "app": APP},
    "success": "status == 200 and body.code == 'OK'",
    "busy": "body.code == 'BUSINESS_LIMIT'",
    "busy_for_one": "body.code == 'NUMBER_LIMIT'",
    "refused": "body.code in ('MOBILE_NUMBER_ILLEGAL', 'BLACK_KEY')",
    "message_id": "body.biz_id",
}
"""What the file of providers says of it, but for `base_url`."""


@dataclass
class SmsGateway(Vendor):
    """`POST /sms/v1/send`; a number that does not begin with 1 is none, one in `blocked` wants nothing."""

    prefixes: tuple[str, ...] = ("/sms/v1/send",)
    blocked: set[str] = field(default_factory=set)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def answer(self, request: Request) -> Answer:
        said = request.json
        signed = f"{said.get('phone')}{said.get('text')}{said.get('timestamp')}"
        wanted = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if said.get("app") != APP or request.headers.get("x-sign") != wanted:
            return Answer(403, {"code": "SIGNATURE_DOES_NOT_MATCH"})
        if self.is_over():
            return Answer(400, {"code": "BUSINESS_LIMIT"})
        phone = str(said["phone"])
        if not phone.startswith("1") or phone in self.blocked:
            return Answer(400, {"code": "BLACK_KEY" if phone in self.blocked else "MOBILE_NUMBER_ILLEGAL"})
        biz = f"biz-{next(self._ids)}"
        self.taken.append(Taken(phone, said["text"], {**said, "id": biz}))
        return Answer(200, {"code": "OK", "biz_id": biz})
