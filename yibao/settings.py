"""Settings of the whole stack: which ports the embedded servers and the services take."""

import os
import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from random import SystemRandom

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from chassis.permissions import OPS
from chassis.settings import Settings
from yibao.passwords import passwords

_ROOT = Path(__file__).parents[1]
_PORTS = range(10_240, 32_768)


class StackSettings(Settings):
    """Ports on loopback; an external server's URL turns the embedded one off."""

    nats_port: int = Field(4322, description="Port of the embedded nats-server")
    mongo_port: int = Field(27117, description="Port of the embedded mongod")
    # 230,000 cases with clocks and alerts fill 1 GB, and writers have to evict: a sixth slower. With room they are not.
    mongo_cache_gb: float = Field(2.0, ge=0.25, description="Most that the embedded mongod caches, in GB")
    intake_port: int = Field(8101, description="HTTP port of intake")
    sla_port: int = Field(8102, description="HTTP port of sla")
    stats_port: int = Field(8103, description="HTTP port of stats")
    notify_port: int = Field(8104, description="HTTP port of notify")
    knowledge_port: int = Field(8105, description="HTTP port of knowledge")
    console_port: int = Field(8100, description="HTTP port of the console, where staff sign in")

    @classmethod
    def apart(cls, directory: Path) -> "StackSettings":
        """Settings of a stack beside others: its own directory, ports that nobody listens on now."""
        names = [name for name in cls.model_fields if name.endswith("_port")]
        return cls.model_validate({"data_dir": directory, **dict(zip(names, _free_ports(len(names)), strict=True))})

    @property
    def external_nats(self) -> bool:
        return "nats_url" in self.model_fields_set

    @property
    def external_mongo(self) -> bool:
        return "mongo_url" in self.model_fields_set

    def port(self, service: str) -> int:
        port: int = getattr(self, f"{service}_port")
        return port

    def url(self, service: str) -> str:
        return f"http://{self.host}:{self.port(service)}"

    def acting(self, user: str) -> "StackSettings":
        """The same settings as this user of the broker, where this machine knows the users."""
        known = passwords(self.data_dir)
        given = {"nats_user": user, "nats_password": SecretStr(known[user])} if user in known else {}
        return self.model_copy(update=given)

    def located(self) -> "StackSettings":
        """The same settings with the servers' URLs filled in: the embedded servers' where none was given.

        Where no user of the broker was given, whoever runs commands on this machine looks after it.
        """
        urls = {
            "nats_url": self.nats_url if self.external_nats else f"nats://127.0.0.1:{self.nats_port}",
            "mongo_url": self.mongo_url
            if self.external_mongo
            else f"mongodb://127.0.0.1:{self.mongo_port}/?replicaSet=rs0&directConnection=true",
        }
        there = self.model_copy(update=urls)
        return there if there.nats_user else there.acting(OPS)

    def environment(self) -> dict[str, str]:
        """What a service's process inherits."""
        own = {f"YIBAO_{name.upper()}": _told(getattr(self, name)) for name in type(self).model_fields}
        return {**os.environ, **own, "YIBAO_DATA_DIR": str(self.data_dir.resolve())}


def _told(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _free_ports(n: int) -> list[int]:
    """Below those that the system gives to outgoing connections: whoever starts again would find his taken by one."""
    chance = SystemRandom()  # stacks that begin with the same seed, as tests' do, are not to meet
    with ExitStack() as stack:
        free: list[int] = []
        while len(free) < n:
            port = chance.choice(_PORTS)
            with suppress(OSError):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
                free.append(port)
        return free


def described(settings: type[BaseSettings]) -> list[tuple[str, str, str]]:
    """Each setting as (environment variable, default, meaning): the rows of docs/settings.md."""
    rows, prefix = [], settings.model_config["env_prefix"]
    for name, field in settings.model_fields.items():
        default = field.default
        shown = str(default.relative_to(_ROOT)) if isinstance(default, Path) and default.is_absolute() else str(default)
        rows.append((f"{prefix}{name.upper()}", shown, field.description or ""))
    return rows
