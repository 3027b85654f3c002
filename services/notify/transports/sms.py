"""Text messages by whatever gateway a hospital has (短信网关): the file of providers says how it is asked."""

import re
import time
from typing import Any

import httpx

from chassis.posting import UNSURE, Declined, Later, SendFailed, asked, json_of, judge, retry_after
from services.notify.providers import kinds
from services.notify.transports.port import Format, Letter, Sent
from services.notify.transports.sms_words import Judged, Unfit, expression, template
from services.notify.transports.words import REPEAT, heading, written

BUSY_S = 30.0
_PHONE = re.compile(r"\+?\d{5,15}")


class Sms:
    """One plain text within the gateway's length; the link stays whole."""

    format: Format = "text"
    titled = False
    most_bytes = 0

    def __init__(self, config: kinds.Sms, http: httpx.AsyncClient) -> None:
        self._config, self._http = config, http
        self.most_characters = config.characters - len(REPEAT)
        self._secrets = {name: value.get_secret_value() for name, value in config.secrets.items()}
        self._url = template(config.base_url.rstrip("/") + config.path, "path")
        self._headers = {name: template(value, f"headers.{name}") for name, value in config.headers.items()}
        self._body = template(config.body, "body")
        self._success = expression(config.success, "success")
        self._busy, self._refused = _optional(config.busy, "busy"), _optional(config.refused, "refused")
        self._busy_for_one = _optional(config.busy_for_one, "busy_for_one")
        self._message_id = _optional(config.message_id, "message_id")

    async def send(self, letter: Letter) -> Sent:
        """Raises SendFailed."""
        if not _PHONE.fullmatch(letter.address):
            raise Declined("手机号无效: 请更正收件人的地址")
        try:
            url, more = self._request(letter)
        except Unfit as error:
            raise SendFailed(f"短信网关的模板有误: {error}, 请检查发送服务配置", permanent=True) from None
        answer = await asked(self._http, self._config.method, url, repeatable=self._config.repeatable, **more)
        return self._judged(answer)

    def _request(self, letter: Letter) -> tuple[str, dict[str, Any]]:
        text = written(letter, letter.link, characters=self._config.characters)
        values = {
            "phone": letter.address, "text": text, "title": heading(letter), "link": letter.link, "id": letter.id,
            "urgency": letter.urgency, "timestamp": int(time.time()), "secrets": self._secrets,
        }  # fmt: skip
        headers = {name: rendered(values) for name, rendered in self._headers.items()}
        more: dict[str, Any] = {"headers": headers, "timeout": self._config.answer_s}
        body = self._body(values)
        return self._url(values), {**more, "content": body.encode()} if body else more

    def _judged(self, answer: httpx.Response) -> Sent:
        """The file's conditions first: gateways have their own numbers, also under an error's status."""
        values = {"status": answer.status_code, "body": json_of(answer) or {}, "text": answer.text[:2000]}
        if self._success(values) is True:
            return Sent(str((self._message_id(values) if self._message_id else "") or "")[:200])
        if self._busy and self._busy(values):
            raise Later("短信网关限流或繁忙", retry_after(answer.headers.get("Retry-After", "")) or BUSY_S)
        if self._busy_for_one and self._busy_for_one(values):
            raise Later("该号码的短信已到上限", BUSY_S, for_one=True)
        if self._refused and self._refused(values):
            raise Declined("短信网关不接受这条短信或这个号码")
        judge(answer, self._config.repeatable)
        if not values["body"]:
            raise SendFailed(f"短信网关的应答无法识别, {UNSURE}", unsure=True)
        raise SendFailed("短信网关没有接受: 应答不符合 success 条件, 请检查发送服务配置", permanent=True)


def _optional(source: str | None, where: str) -> Judged | None:
    return expression(source, where) if source else None
