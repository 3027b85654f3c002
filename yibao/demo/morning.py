"""Before the first message: who is known, and who is on duty."""

from datetime import timedelta
from pathlib import Path

from yibao.demo.day import now
from yibao.demo.desk import CommandRefused, Desk, seen
from yibao.demo.staff import STAFF
from yibao.demo.steps import Directory, OnDuty
from yibao.demo.view import View

FOLDER = Path(__file__).parents[2] / "deploy" / "directory"
BY = "zhao.lei"
_FILES = {
    "institution": "institutions.csv", "contact": "contacts.csv", "contract": "contracts.csv", "staff": "staff.csv",
}  # fmt: skip


async def know(desk: Desk, view: View, step: Directory) -> None:
    """Import the tables. Raises CommandRefused for a row that is not taken."""
    counts: dict[str, int] = {}
    for kind in step.directory:
        path = FOLDER / _FILES[kind]
        answer = await desk.http.post(
            desk.url("intake", "/directory/import"), params={"kind": kind}, auth=desk.by(BY),
            files={"file": (path.name, path.read_bytes(), "text/csv")},
        )  # fmt: skip
        done = answer.raise_for_status().json()
        if refused := [row for row in done["report"] if row["outcome"] == "refused"]:
            raise CommandRefused(f"{path.name} 第 {refused[0]['row']} 行: {refused[0]['reason']}")
        counts[kind] = done["rows"]
    view.say(f"通讯录: {counts['institution']} 家机构, {counts['contact']} 位联系人", "cyan")


async def begin(desk: Desk, view: View, step: OnDuty) -> None:
    """Put them on duty. A second play changes the same shifts."""
    begins = now() - timedelta(minutes=1)
    for engineer in step.on_duty:
        shift = {
            "engineer": engineer, "begins": begins.isoformat(), "note": "演示",
            "ends": (begins + timedelta(hours=step.hours)).isoformat(),
        }  # fmt: skip
        url = desk.url("intake", f"/duty/shifts/demo-{engineer}")
        (await desk.http.put(url, json=shift, auth=desk.by(BY))).raise_for_status()

    async def there() -> bool | None:
        return set(step.on_duty) <= set((await desk.get("intake", "/duty/now"))["available"]) or None

    await seen(there, "值班人员到岗")
    view.say(f"当班: {'、'.join(STAFF[who] for who in step.on_duty)}", "cyan")
