"""Carrying out an import: messages into the log, rejected rows kept, encrypted, until somebody has mended them."""

import asyncio
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from nats.errors import Error as NatsError
from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from chassis.broker import NatsOutbox, PublishRefused
from chassis.errors import NotFound, Refused
from chassis.outgoing import Outgoing
from chassis.store import Raw, binary
from chassis.vault import Vault
from contracts.channel import Channel, ChannelMessage
from contracts.envelope import derive_id
from services.intake.channels.imports.rows import Import, Rejected, read_import, rejects_csv
from services.intake.channels.imports.sheet import SheetRow
from services.intake.channels.reading import BadPayload

COLLECTION = "imports"
MAX_BYTES = 20 * 1024 * 1024
SHOWN = 50
_AT_ONCE = 200
_KEPT_S = 30 * 86_400


class NotImported(Refused):
    """The file cannot be read as a sheet of messages."""

    status = 422


class Interrupted(Refused):
    """The log did not take all of it; sending the same file again is safe."""

    status = 503


class Result(NamedTuple):
    """`rows` are always `accepted` + `rejected`."""

    id: UUID
    found: Import

    def summary(self) -> dict[str, Any]:
        """For whoever imported it."""
        rejected = self.found.rejected
        return {
            "import_id": str(self.id),
            "rows": self.found.rows,
            "accepted": len(self.found.messages),
            "rejected": len(rejected),
            "ignored_columns": list(self.found.ignored),
            "problems": [{"row": r.row.number, "reason": r.reason} for r in rejected[:SHOWN]],
            "rejects_url": f"/channels/import/{self.id}/rejects.csv" if rejected else None,
        }


class Imports:
    """Imports of this desk."""

    def __init__(self, db: AsyncDatabase[Raw], outbox: NatsOutbox, vault: Vault) -> None:
        self._kept, self._outbox, self._vault = db[COLLECTION], outbox, vault

    async def prepare(self) -> None:
        """Rejected rows hold personal data: they go by themselves."""
        await self._kept.create_index([("at", ASCENDING)], name="expire", expireAfterSeconds=_KEPT_S)

    async def carry_out(self, data: bytes, staff: str, channel: Channel | None = None) -> Result:
        """Raises NotImported, Interrupted."""
        if len(data) > MAX_BYTES:
            raise NotImported("too_large", f"文件超过 {MAX_BYTES >> 20} MB: 请拆分后分次导入")
        try:
            found = await asyncio.to_thread(read_import, data, datetime.now(UTC), channel)
        except BadPayload as error:
            raise NotImported("not_imported", str(error)) from None
        result = Result(derive_id("import", sha256(data).hexdigest(), channel), found)
        await self._keep(result, staff)
        await self._publish(found.messages)
        return result

    async def rejects(self, id_: UUID) -> str:
        """The rejected rows as CSV. Raises NotFound."""
        if (kept := await self._kept.find_one({"_id": binary(id_)})) is None or not kept["rejected"]:
            raise NotFound("not_found", "没有这次导入的未导入行: 可能都已导入, 或已超过 30 天, 请重新导入原文件")
        header, rows = json.loads(self._vault.open(id_, kept["sealed"]))
        return rejects_csv(header, [Rejected(SheetRow(number, tuple(cells)), reason) for number, cells, reason in rows])

    async def _keep(self, result: Result, staff: str) -> None:
        found = result.found
        rows = [(r.row.number, r.row.cells, r.reason) for r in found.rejected]
        text = json.dumps([found.header, rows], ensure_ascii=False)
        facts = {
            "at": datetime.now(UTC), "staff": staff, "rows": found.rows, "rejected": len(found.rejected),
            "sealed": self._vault.seal(result.id, text),
        }  # fmt: skip
        await self._kept.replace_one({"_id": binary(result.id)}, facts, upsert=True)

    async def _publish(self, messages: list[ChannelMessage]) -> None:
        """In order; what is in the log already is recognised there or by intake."""
        for start in range(0, len(messages), _AT_ONCE):
            some = messages[start : start + _AT_ONCE]
            try:
                await self._outbox.publish(
                    [Outgoing(f"channel.in.{m.channel}", m.model_dump_json().encode(), m.dedupe_id) for m in some]
                )
            except (NatsError, TimeoutError, OSError, PublishRefused):
                raise Interrupted(
                    "interrupted", f"导入中断, 已收下 {start} 条: 请稍后把同一文件再导入一次, 不会重复建单"
                ) from None
