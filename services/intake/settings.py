"""Settings that only intake reads."""

from pydantic import Field, SecretStr

from chassis.settings import Settings


class IntakeSettings(Settings):
    """What opens a new case, where secrets and configuration lie."""

    secret_key: SecretStr = Field(
        SecretStr(""), description="Key of encrypted originals, 32 bytes in base64; empty: made in the data directory"
    )
    thread_idle_h: float = Field(24.0, gt=0, description="Hours of silence after which a message opens a new case")
    thread_grace_h: float = Field(24.0, gt=0, description="Hours after closing in which a message reopens the case")
