"""What the sections of the channel file say, one model per channel of callbacks."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from services.intake.channels.config import Guarded, Section


class RobotSettings(Section):
    """A group robot (群机器人) has a token and key of its own."""

    token: str = Field(min_length=1)
    encoding_aes_key: SecretStr


class WecomSettings(Section):
    """`corp_id` is the receiver of callbacks: the enterprise, or the AppID of an official account (公众号).

    `corp_secret` fetches pictures, voice and files; `archive_secret` opens the way in for the chat archive.
    """

    corp_id: str = ""
    token: str = ""
    encoding_aes_key: SecretStr = SecretStr("")
    staff: tuple[str, ...] = ()
    robot: RobotSettings | None = None
    archive_secret: SecretStr = SecretStr("")
    corp_secret: SecretStr = SecretStr("")
    api_url: str = "https://qyapi.weixin.qq.com"
    media_hosts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.token and not (self.corp_id and self.encoding_aes_key.get_secret_value()):
            raise ValueError("corp_id and encoding_aes_key belong to token")
        return self


class OnebotSettings(Section):
    """`access_token` is for the WebSocket and our calls, `secret` for signed HTTP POSTs; at least one is needed."""

    access_token: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")
    api_url: str = ""
    staff: tuple[str, ...] = ()
    media_hosts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if not (self.access_token.get_secret_value() or self.secret.get_secret_value()):
            raise ValueError("access_token or secret is needed")
        return self


class PhoneSettings(Guarded):
    """`missed_after_s`: how long after a call ended unanswered it counts as missed."""

    missed_after_s: float = Field(10.0, gt=0)


class WebSettings(Guarded):
    """The form of a website or of the desk itself."""


class OnsiteSettings(Section):
    """Records of visits; they are staff's own, like everything under /cases."""
