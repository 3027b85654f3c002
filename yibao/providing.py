"""What notify stands on besides its servers: the file of providers, and the key that addresses were sealed with.

Each check gives None, or one Chinese sentence that says what to do. Nothing is sent, created or changed.
"""

from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from chassis.errors import CannotStart
from chassis.store import connect
from chassis.vault import load_key
from services.notify.preferences.key import fits
from services.notify.settings import NotifySettings
from yibao.settings import StackSettings

WITHIN_S = 3.0
NO_KEY = "没有检查: 密钥还不可用, 见“密钥”一项"


async def providers_trouble(path: Path | None) -> str | None:
    """The first thing that would stop notify: the file, its secrets, its kinds, a key or a template."""
    from chassis.posting import client
    from services.notify.providers.build import build
    from services.notify.providers.config import load

    try:
        async with client() as http:
            for name, config in load(path).items():
                build(config, http)
                if config.kind == "email":
                    _check_authority(name, config.server.ca_file)
    except CannotStart as trouble:
        return str(trouble)
    return None


def _check_authority(name: str, ca_file: str) -> None:
    if ca_file and not Path(ca_file).is_file():
        raise CannotStart(f"发送服务 {name} 的证书文件 {ca_file} 不存在: 请核对 server.ca_file")


async def sealed_trouble(settings: StackSettings, own: NotifySettings) -> str | None:
    """Whether the key opens the addresses that are stored; what is wrong with the key itself has a line of its own."""
    configured = own.secret_key.get_secret_value()
    if not configured and not (own.data_dir / "secret.key").exists():  # loading would make one
        return NO_KEY
    try:
        key = load_key(configured, own.data_dir)
    except (OSError, ValueError):
        return NO_KEY
    try:
        with pymongo.timeout(WITHIN_S):
            async with connect(settings.mongo_url) as mongo:
                await fits(mongo[settings.mongo_db], key)
    except CannotStart as trouble:
        return str(trouble)
    except PyMongoError:
        return "没有检查: 连不上 MongoDB"
    return None
