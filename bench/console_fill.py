"""A busy city's three months: copies of real cases, clocks and alerts, and articles, for the bench of the console."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from bench.world import World
from chassis.outgoing import from_command
from contracts.directory import Institution, SaveEntry, StaffMember
from contracts.envelope import Actor, Command
from contracts.knowledge import ArticleContent
from contracts.knowledge_work import ArticleCommand, PublishArticle, SubmitArticle, WriteArticle
from tests.support.console import BY_ROLE, OTHERS, OURS
from tests.support.wait import until

ALERTS, ARTICLES, INSTITUTIONS = 4_000, 300, 1_000
_READERS: Final = ("desk", "lead", f"staff:{BY_ROLE['officer']}", f"staff:{BY_ROLE['auditor']}", f"institution:{OURS}")
_AUTHOR, _REVIEWER = (Actor(kind="staff", id=BY_ROLE[role], name=role) for role in ("engineer", "lead"))


async def fill(desk: World, n: int) -> None:
    """`n` cases, of which every twentieth is still open; nobody has read his alerts."""
    chance = random.Random(8)
    await _say(desk, "directory", [[_engineer(), *(_institution(n) for n in range(INSTITUTIONS))]])
    await _say(
        desk, "articles", zip(*(_published(n) for n in range(ARTICLES)), strict=True), {"state.state": "published"}
    )
    await _cases(desk, n, chance)
    alerts = [document async for document in desk.db["alerts"].find({}, limit=ALERTS)]
    await desk.db["alerts"].insert_many([_alert(alerts[i % len(alerts)], i, chance) for i in range(ALERTS)])
    await desk.db.client.admin.command("fsync")


async def _cases(desk: World, n: int, chance: random.Random) -> None:
    cases, clocks = desk.db["cases"], desk.db["clocks"]
    templates = [document async for document in cases.find({}, limit=1_000)]
    kept = {document["_id"]: document async for document in clocks.find({}, limit=2_000)}
    for start in range(0, n - len(templates), 1_000):
        pairs = [_copy(template, kept.get(template["_id"]), start + i, chance) for i, template in enumerate(templates)]
        await cases.insert_many([case for case, _ in pairs], ordered=False)
        await clocks.insert_many([clock for _, clock in pairs if clock], ordered=False)


def _copy(case: Any, clock: Any, n: int, chance: random.Random) -> tuple[Any, Any]:
    id_, opened = uuid4(), datetime.now(UTC) - timedelta(minutes=chance.randrange(90 * 24 * 60))
    still_open = n % 20 == 0
    institution = (OURS, OTHERS)[n % 2] if n % 100 < 2 else f"H620102{chance.randrange(300):05d}"
    state = {
        **case["state"], "conversation": uuid4(), "number": f"{case['state']['number']}-{n}", "current": still_open,
        "status": "new" if still_open else "closed", "opened_at": opened, "touched_at": opened, "heard_at": opened,
        "institution_code": institution, "asked_from": institution,
    }  # fmt: skip
    if still_open and n % 100 == 0:
        state |= {"assignee": BY_ROLE["engineer"], "status": "in_progress"}
    copied = {**case, "_id": id_, "causes": [uuid4() for _ in case["causes"]], "state": state}
    if clock is None:
        return copied, None
    ends = (
        {"next_at": datetime.now(UTC) + timedelta(days=30)}
        if still_open
        else {"next_at": None, "due_at": None, "live": False}
    )
    facts = {**_moved(clock["state"], opened - case["state"]["opened_at"]), "number": state["number"], **ends}
    facts["asked_from"] = institution
    if assignee := state.get("assignee"):
        facts["assignee"] = assignee
    return copied, {**clock, "_id": id_, "causes": [uuid4() for _ in clock["causes"]], "state": facts}


def _moved(value: Any, by: timedelta) -> Any:
    """The same with every time in it `by` later."""
    match value:
        case datetime():
            return value + by
        case dict():
            return {name: _moved(one, by) for name, one in value.items()}
        case list():
            return [_moved(one, by) for one in value]
    return value


def _engineer() -> SaveEntry:
    return SaveEntry(**_wish(_REVIEWER), staff=StaffMember(id=_AUTHOR.id, name="驻场工程师"))


def _alert(alert: Any, n: int, chance: random.Random) -> Any:
    """One that is nobody's work any more: no timer, no delivery, no subject that it would be alone with."""
    done = {"next_at", "look_at", "subject", "deliveries"}
    state = {name: value for name, value in alert["state"].items() if name not in done}
    queued = datetime.now(UTC) - timedelta(minutes=chance.randrange(25 * 24 * 60))
    state |= {"audiences": [_READERS[n % len(_READERS)]], "queued_at": queued, "read_by": [], "acknowledged_by": None}
    return {**alert, "_id": uuid4(), "causes": [uuid4() for _ in alert["causes"]], "state": state}


async def _say(
    desk: World, collection: str, steps: Iterable[Sequence[Command]], done: dict[str, Any] | None = None
) -> None:
    """Wishes, step by step, each for one document of the collection; returns when all of them are `done`."""
    for wishes in steps:
        await desk.outbox.publish([from_command(wish) for wish in wishes])

    async def all_there() -> bool:
        return await desk.db[collection].count_documents(done or {}) >= len(wishes)

    await until(f"all {collection} are there", all_there)


def _institution(n: int) -> SaveEntry:
    entry = Institution(code=f"H620102{n:05d}", name=f"第{n}医院", level="三级甲等", admdvs="620102")
    return SaveEntry(**_wish(_REVIEWER), institution=entry)


def _published(n: int) -> Iterator[ArticleCommand]:
    article, audience = uuid4(), ("engineers", "centre", "hospitals")[n % 3]
    asked = f"{2200 + n} 接口结算报错 {n}: 参保地未开通第 {n} 类医疗类别"
    content = ArticleContent(
        title=asked, question=asked, answer=f"核对第 {n} 类备案后用 2601 冲正, 再重新结算", category="结算支付",
        audience=audience,
    )  # fmt: skip
    yield WriteArticle(**_wish(_AUTHOR), article_id=article, content=content)
    yield SubmitArticle(**_wish(_AUTHOR), article_id=article)
    yield PublishArticle(**_wish(_REVIEWER), article_id=article)


def _wish(actor: Actor) -> dict[str, Any]:
    return {"id": uuid4(), "occurred_at": datetime.now(UTC), "actor": actor}
