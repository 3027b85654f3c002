"""Two lanes of intake in one conversation, on a real mongod: between two reads another lane may have opened a case."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.message import Message, Moment
from chassis.store import connect
from chassis.vault import Vault
from contracts.channel import ChannelMessage
from services.intake.fold import fold
from services.intake.store import Cases
from services.intake.threads.locating import Earlier
from tests.chassis.folding import heard
from tests.integration.cases import now
from tests.support.make import message
from tests.support.servers import Servers

pytestmark = pytest.mark.real


class Overtaken(Cases):
    """Before it counts a conversation's cases for the first time, another lane opens one there."""

    other: Cases
    message: ChannelMessage | None = None

    async def _earlier(self, conversations: set[UUID]) -> dict[UUID, Earlier]:
        if self.message is not None:
            said, self.message = self.message, None
            await keep(self.other, said)
        return await super()._earlier(conversations)


async def keep(cases: Cases, *said: ChannelMessage) -> Sequence[UUID]:
    """Fold each of them and save, as a lane does; the cases' ids."""
    messages: list[Message] = [heard(m, now()) for m in said]
    documents = await cases.locate(messages)
    for m, document in zip(messages, documents, strict=True):
        state, words = fold(document.state, Moment(now(), m, document.id, document.version))
        document.take(m.cause_id, state, words)
    assert not await cases.save(documents)
    return [d.id for d in documents]


async def test_a_message_joins_the_case_that_another_lane_has_just_opened(servers: Servers) -> None:
    client = connect(servers.settings.mongo_url)
    try:
        db = client[servers.settings.mongo_db]
        cases = Cases(db, Vault(bytes(32)))
        began = now() - timedelta(days=3)
        [first] = await keep(cases, message("m1", "医保码怎么激活", conversation="lanes", occurred_at=began))
        ended = {"state.status": "closed", "state.current": False, "state.ended_at": began}
        await db["cases"].update_one({"_id": first}, {"$set": ended})

        lane = Overtaken(db, Vault(bytes(32)))
        lane.other = cases
        lane.message = message("m2", "生育津贴怎么领取", conversation="lanes", occurred_at=now())
        [joined] = await keep(lane, message("m3", "需要哪些材料", conversation="lanes", occurred_at=now()))
        assert joined != first
        assert await db["cases"].count_documents({"state.conversation_id": "lanes", "state.current": True}) == 1
    finally:
        await client.close()
