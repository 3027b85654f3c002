"""Settings every service shares, from `YIBAO_*` in the environment; docs/settings.md is generated from them."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.vault import load_key


class Settings(BaseSettings):
    """Where the servers are, how to log, how to batch."""

    model_config = SettingsConfigDict(env_prefix="YIBAO_", extra="ignore")

    nats_url: str = Field("nats://127.0.0.1:4322", description="NATS server with JetStream")
    nats_user: str = Field("", description="User of the broker; what each may do is in docs/security.md")
    nats_password: SecretStr = Field(SecretStr(""), description="The user's password")
    mongo_url: str = Field(
        "mongodb://127.0.0.1:27117/?replicaSet=rs0&directConnection=true",
        description="MongoDB replica set (one node is enough)",
    )
    mongo_db: str = Field("yibao", description="MongoDB database")
    data_dir: Path = Field(Path(".yibao"), description="Files: embedded servers' data, uploads, indexes")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Key of the desk, 32 bytes in base64; empty: made in the data directory"
    )
    host: str = Field("127.0.0.1", description="Address that the services' HTTP listens on")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`auto` is coloured in a terminal and JSON elsewhere"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged")
    batch: int = Field(256, ge=1, le=500, description="Messages that a loop takes at most at once")
    command_wait_s: float = Field(
        2.0, gt=0, description="Seconds an HTTP command waits for its outcome before it answers 202"
    )

    @property
    def desk_key(self) -> bytes:
        """What seals originals, signs tokens and makes pseudonyms follows from it. Raises ValueError on a bad one."""
        return load_key(self.secret_key.get_secret_value(), self.data_dir)
