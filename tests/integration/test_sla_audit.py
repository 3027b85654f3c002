"""The auditor on real servers: what was heard is what is stored, and what somebody changed is found."""

from datetime import timedelta
from uuid import UUID

import pytest

from chassis.store import connect
from services.sla.auditor import Found, audit
from services.sla.book import Book
from services.sla.contracts import Contracts
from services.sla.editions import Editions
from services.sla.fold import SlaFold
from services.sla.store import Clocks
from tests.integration.cases import do, now, opened
from tests.support.desk import Desk, desk_in

pytestmark = pytest.mark.real


async def audited(desk: Desk) -> Found:
    client = connect(desk.settings.mongo_url)
    try:
        db = client[desk.settings.mongo_db]
        book = Book(await Editions(db).after(0))
        # What has just happened may be on its way: look from a little later.
        return await audit(desk.js, Clocks(db), SlaFold(book, Contracts()), now() + timedelta(minutes=10))
    finally:
        await client.close()


async def test_stored_clocks_are_those_of_the_stream_until_somebody_changes_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with desk_in(tmp_path_factory.mktemp("audited"), "intake", "sla") as desk:
        cases = [await opened(desk, f"audited{n}") for n in range(4)]
        assert (await do(desk, cases[1], "respond", text="请重试")).status_code == 200
        assert (await do(desk, cases[1], "resolve", resolution="已恢复")).status_code == 200
        assert (await do(desk, cases[2], "escalate", to="province", reason="省平台超时")).status_code == 200
        await desk.handled("sla")
        assert await audited(desk) == Found(4, (), ())

        clocks = desk.mongo[desk.settings.mongo_db]["clocks"]
        await clocks.update_one({"_id": UUID(cases[0])}, {"$set": {"state.clocks.0.breached": True}})
        await clocks.update_one({"_id": UUID(cases[2])}, {"$pop": {"state.facts": 1}})
        found = await audited(desk)
        assert (found.other_clocks, found.other_facts) == ((UUID(cases[0]),), (UUID(cases[2]),))
        assert found.differences == 2
