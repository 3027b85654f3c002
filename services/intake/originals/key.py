"""The key that originals were sealed with: intake does not go on with another one beside them.

A start without the key would make a new one, and nobody would notice before somebody needs an original. So a
fingerprint of the key, from which the key cannot be told, stays in MongoDB with what is sealed.
"""

from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase

from chassis.errors import CannotStart
from chassis.vault import fingerprint

COLLECTION: Final = "vault"
_ID: Final = "key"


class KeyLost(CannotStart):
    """Originals are there that this key does not open."""

    def __init__(self) -> None:
        super().__init__(
            "加密密钥与已保存的原文不符, 受理服务不启动: "
            "请恢复原来的密钥 (YIBAO_SECRET_KEY, 或数据目录中的 secret.key)。"
            f"若确认密钥已丢失, 请删除 MongoDB 集合 {COLLECTION} 中的记录后再启动; 此前的原文将无法查看"
        )


async def check_key(db: AsyncDatabase[dict[str, Any]], key: bytes) -> None:
    """Note the key's fingerprint. Raises KeyLost when originals are there that were sealed under another one."""
    ours, kept = fingerprint(key), db[COLLECTION]
    await kept.update_one({"_id": _ID}, {"$setOnInsert": {"fingerprint": ours}}, upsert=True)
    noted = await kept.find_one({"_id": _ID})
    if noted is None or noted["fingerprint"] == ours:
        return
    if await db["originals"].find_one({}, {"_id": 1}) is not None:
        raise KeyLost
    await kept.update_one({"_id": _ID}, {"$set": {"fingerprint": ours}})
