"""The key that addresses were sealed with: notify does not go on with another one, for it would reach nobody.

Addresses of the directory were sealed by intake, those of the settings here; both must be the same key. Its
fingerprint, from which it cannot be told, stays in MongoDB.
"""

from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import CannotStart
from chassis.vault import fingerprint
from services.notify.preferences.store import SettingStore

COLLECTION: Final = "vault"
_INTAKE: Final = "key"
"""Under this id intake keeps the fingerprint of its key."""
_OURS: Final = "addresses"


class KeyDiffers(CannotStart):
    """Addresses are there that this key does not open."""

    def __init__(self, whose: str) -> None:
        super().__init__(
            f"加密密钥与{whose}的密钥不符, 通知服务不启动 (否则所有联系地址都打不开, 通知发不出去): "
            "请让受理与通知使用同一个密钥 (相同的 YIBAO_SECRET_KEY, 或数据目录中的同一个 secret.key)。"
            f"若确认原密钥已丢失, 请删除 MongoDB 集合 {COLLECTION} 中的记录后再启动, 并重新登记通知地址"
        )


async def check_key(db: AsyncDatabase[dict[str, Any]], key: bytes) -> None:
    """Note the key's fingerprint. Raises KeyDiffers when addresses may be there that were sealed with another one."""
    await fits(db, key)
    await db[COLLECTION].update_one({"_id": _OURS}, {"$set": {"fingerprint": fingerprint(key)}}, upsert=True)


async def fits(db: AsyncDatabase[dict[str, Any]], key: bytes) -> None:
    """Only looks. Raises KeyDiffers when addresses may be there that were sealed with another key."""
    noted = {row["_id"]: row["fingerprint"] async for row in db[COLLECTION].find({"_id": {"$in": [_INTAKE, _OURS]}})}
    ours = fingerprint(key)
    if noted.get(_INTAKE, ours) != ours:
        raise KeyDiffers("受理服务")
    if noted.get(_OURS, ours) != ours and await SettingStore(db).has_addresses():
        raise KeyDiffers("封存通知地址时")
