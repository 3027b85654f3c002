"""Letters as notify writes them fit the transports as they are: nothing is cut twice, said twice or left out."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.delivery import Handover
from services.notify.providers.letters import letter_of
from services.notify.transports.words import REPEAT
from tests.integration.transports import HTTP, LINK, Bench, transports, vendor

EXAMPLE = Path(__file__).parents[2] / "contracts/examples/Handover.json"


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with transports(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("lines", [1, 4_000])
@pytest.mark.parametrize("repeat", [False, True])
async def test_a_written_letter_arrives_with_one_title_and_one_link(
    bench: Bench, name: str, lines: int, repeat: bool
) -> None:
    handover = Handover.model_validate_json(EXAMPLE.read_bytes()).model_copy(
        update={"title": "结算接口超时", "body": "第一行的说明\n" + "很长的正文\n" * lines}
    )
    transport = bench.transports[name]
    letter = letter_of(handover, bench.addresses[name], transport, repeat, None, LINK)
    await transport.send(replace(letter, id=f"{name}.0"))
    (taken,) = vendor(bench, name).taken
    assert taken.text.count("结算接口超时") == 1 and "第一行的说明" in taken.text
    assert str(taken.given).count(LINK) == 1
    assert (REPEAT in taken.text) is repeat
