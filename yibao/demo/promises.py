"""What the day promises about cases, each looked up where the services keep it.

A promise yields, for everything it is about, a name and whether it holds; one that is about nothing is broken too.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from yibao.demo.day import Say
from yibao.demo.looked import Day
from yibao.demo.personal import plain
from yibao.demo.steps import Form, Widespread

Json = dict[str, Any]
Held = Iterator[tuple[str, bool]]
KNOWN = ("outage-a", "outage-b", "settle-list", "stmt-3201", "catalogue", "metric")  # in deploy/directory
PASTE = "paste"


def _assigned(day: Day) -> Held:
    for case in {c["number"]: c for c in day.first.values()}.values():
        opened = case["timeline"][0]
        yield case["number"], bool(opened.get("assignee") and opened.get("assigned_because"))


def _known(day: Day) -> Held:
    """Whoever writes from an institution by an account of the directory is that contact."""
    for name in KNOWN:
        yield name, day.first[name]["contact"] is not None


def _doors(day: Day) -> Held:
    for step in day.steps:
        if isinstance(step, Form):
            yield step.form, bool(day.case[step.form]["institution_code"])


def _marked(day: Day) -> Held:
    for step in day.steps:
        if isinstance(step, Say) and step.text.startswith("#新问题"):
            yield step.say, day.first[step.say]["why"] == "marker"


def _quoted(day: Day) -> Held:
    for step in day.steps:
        if isinstance(step, Say) and step.quotes and step.role != "staff":
            line = _line(day.case[step.say], day.message_ids[step.say])
            yield step.say, line["why"] == "quote" and day.case[step.say]["id"] == day.case[step.quotes]["id"]


def _answered(day: Day) -> Held:
    for step in day.steps:
        if isinstance(step, Say) and step.role == "staff":
            yield (
                step.say,
                any(e.get("via") == "group" and e["first"] for e in _events(day, step.say, "case.responded")),
            )


def _pasted(day: Day) -> Held:
    found = day.case[PASTE]["found"]
    for fact in ("infno", "error", "institution_code", "happened_at", "msgid"):
        yield f"{PASTE}.{fact}", bool(found[fact])


def _outages(day: Day) -> Held:
    """Every case has joined, and the one broadcast is in it once."""
    for step in day.steps:
        if isinstance(step, Widespread) and step.outage == "broadcast":
            for name in step.cases:
                told = [e["text"] for e in _events(day, name, "case.responded")].count(step.body["text"])
                yield f"{name}: {told}", day.case[name]["outage"] in day.outages and told == 1


def _escalated(day: Day) -> Held:
    for step in day.done("chase"):
        case = day.case[step.case]
        yield step.case, bool(case["external_number"] and case["chases"] and case["next_chase_at"])


def _stepped(day: Day) -> Held:
    steps = sorted(day.done("step"), key=lambda step: step.case)
    for name, some in groupby(steps, key=lambda step: step.case):
        taken = [e["transition"] for e in _events(day, name, "case.stepped")]
        yield f"{name}: {'→'.join(taken)}", taken == [step.body["transition"] for step in some]


def _merged(day: Day) -> Held:
    for step in day.done("merge"):
        target = day.case[step.into or ""]
        yield step.case, day.first[step.case]["merged_into"] == target["id"] == day.case[step.case]["id"]


def _corrected(day: Day) -> Held:
    for step in day.done("categorise"):
        case = day.case[step.case]
        yield step.case, case["category_by"] == "staff" and case["category"] == step.body["category"]


def _revealed(day: Day) -> Held:
    """The original has what was planted, and the reading is on the timeline with its reason."""
    planted = {s.say: s.planted for s in day.steps if isinstance(s, Say)}
    for step in day.done("reveal"):
        reasons = {e["reason"] for e in _events(day, step.case, "case.revealed")}
        whole = all(number in plain(day.read.get(step.case, "")) for number in planted[step.case])
        yield step.case, whole and step.body["reason"] in reasons


def _audited(day: Day) -> Held:
    for number, audit in day.audits.items():
        yield number, audit["ok"]


def _term(name: str) -> Callable[[Day], Held]:
    return lambda day: ((one, held) for one, held in day.terms.items() if one == name)


PROMISES: dict[str, Callable[[Day], Held]] = {
    "新工单都派给当班的人, 写明理由": _assigned,
    "通讯录认出来信人": _known,
    "网页表单带机构编号进来": _doors,
    "#新问题 另开工单": _marked,
    "引用归到被引用的工单": _quoted,
    "同事在群里的话算首次响应": _answered,
    "粘贴的报文读出交易、报错、机构、时间": _pasted,
    "群体故障: 每件归入, 各通知一次": _outages,
    "上报有外部单号, 已催办并有下次时间": _escalated,
    "需求变更按流程推进": _stepped,
    "合并: 消息移到另一件, 原工单关闭": _merged,
    "人工改的类别算数": _corrected,
    "查看原文与来信一致, 理由留痕": _revealed,
    "每件工单的记录首尾相扣": _audited,
    "合同条款进入验收依据": _term("clause"),
    "免责由另一人批准": _term("exemption"),
    "义务的凭证可以查到": _term("evidence"),
}


def promised(day: Day) -> list[Json]:
    """Every promise as a check of the account."""
    return [_check(name, promise, day) for name, promise in PROMISES.items()]


def _check(name: str, promise: Callable[[Day], Held], day: Day) -> Json:
    try:
        held = list(promise(day))
    except (KeyError, LookupError) as missing:  # a message that was lost, which another check names
        return {"name": name, "ok": False, "detail": f"查不到 {missing}"}
    broken = [what for what, ok in held if not ok]
    detail = "; ".join(broken[:5]) or f"{len(held)} 项"
    return {"name": name, "ok": bool(held) and not broken, "detail": detail}


def _events(day: Day, name: str, type_: str) -> list[Json]:
    return [event for event in day.case[name]["timeline"] if event["type"] == type_]


def _line(case: Json, message_id: str) -> Json:
    found: Json = next(line for line in case["lines"] if message_id in line["message_ids"])
    return found
