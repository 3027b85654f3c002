"""A file of messages goes through the desk whole: every line is somewhere, and no number of a person stays."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.running import Json, Up

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

# Ids, fingerprints, hashes of the chain.
HEX = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16})\b")
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
ID_NUMBER = re.compile(r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d{4}[\dXx](?!\d)")


async def play(up: Up, file: Path) -> Json:
    """The account that `yibao demo --file` prints, the lines in it counted."""
    played = await up.yibao("demo", "--file", file, "--json")
    account: Json = json.loads(played.out)
    assert (played.code, account["ok"]) == (0, True), played.err
    counts = dict(account["messages"])
    assert account["lines"] == counts.pop("published") == len(file.read_bytes().splitlines())
    assert sum(counts[fate] for fate in ("case", "addition", "duplicate", "dead")) == account["lines"]
    assert counts["dead"] == sum(account["dead_reasons"].values())
    check_breakdown(account)
    return account


def check_breakdown(account: Json) -> None:
    """Each part adds up to its whole: lines by channel, cases by what was decided, what was said by why it is there."""
    counts, cases = account["messages"], account["cases"]
    assert sum(cases["channels"].values()) == account["lines"]
    for part in ("by_category", "by_priority", "by_kind", "assigned"):
        assert sum(cases[part].values()) == cases["total"], part
    by_decider = [part["by_category"] for part in cases["decided"].values()]
    assert sum((Counter(part) for part in by_decider), Counter()) == cases["by_category"]
    assert sum(cases["why"].values()) == cases["lines"] == counts["case"] + counts["addition"]
    assert cases["masked"] <= cases["lines"] and max(cases["findings"].values()) <= cases["total"]
    for decider, part in cases["decided"].items():
        assert (part["confidence"] is not None) == (decider == "model" and part["cases"] > 0)


async def originals_of(up: Up) -> int:
    return len(await up.stored("originals"))


async def cases_of(up: Up, ids: list[str]) -> set[str]:
    """The stored cases in which these messages are; each must be in one."""
    cases = [case for case in await up.stored("cases") if case["state"]["channel"] == "web"]
    known = {id_: str(case["_id"]) for case in cases for said in case["state"]["lines"] for id_ in said["message_ids"]}
    assert [id_ for id_ in ids if id_ not in known] == []
    return {known[id_] for id_ in ids}


async def personal_numbers(up: Up) -> list[str]:
    """Whatever looks like a mobile or an ID number, anywhere in the database."""
    found: list[str] = []
    for name in ("cases", "clocks", "alerts", "articles"):
        stored = HEX.sub("", json.dumps(await up.stored(name), ensure_ascii=False, default=str))
        found += [*MOBILE.findall(stored), *ID_NUMBER.findall(stored)]
    return found


async def test_every_real_message_is_accounted_for_and_stored_without_personal_numbers(
    up: Up, citizen_messages: Path
) -> None:
    account = await play(up, citizen_messages)
    assert account["messages"]["dead"] == 0, account["dead_reasons"]
    assert account["messages"]["case"] == account["cases"]["total"] > 1_000
    assert 0 < account["cases"]["masked"] <= await originals_of(up)
    assert account["cases"]["decided"]["model"]["cases"] > 0
    ids = [json.loads(line)["id"] for line in citizen_messages.read_bytes().splitlines()]
    assert len(await cases_of(up, ids)) == account["cases"]["total"]
    assert await personal_numbers(up) == []


async def test_a_file_may_hold_repeats_numbers_of_persons_half_messages_and_rubbish(up: Up, tmp_path: Path) -> None:
    angry = "我身份证620102195805130017，电话13893100000，三个月了还没有到账，请尽快回复"
    assert MOBILE.search(angry) and ID_NUMBER.search(angry)
    first = {"id": "e2e-1", "user": "e2e", "title": "报销", "question": angry, "reply": None}
    lines = [first, {**first, "id": "e2e-2"}, {**first, "id": "e2e-3", "title": "补充"}, {"id": "e2e-4", "user": "e2e"}]
    file = tmp_path / "messages.jsonl"
    file.write_bytes(b"\n".join([*(json.dumps(line).encode() for line in lines), b"\xff{", b""]))
    account = await play(up, file)
    counts = account["messages"]
    assert account["cases"]["masked"] == 2
    assert [counts[fate] for fate in ("case", "duplicate", "addition", "dead")] == [1, 1, 1, 2]
    assert len(await cases_of(up, ["e2e-1", "e2e-2", "e2e-3"])) == 1
    assert await personal_numbers(up) == []
