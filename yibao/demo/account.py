"""The account of a play: every figure is read back from the services, and each promise is checked against it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from yibao.demo.desk import Desk, together
from yibao.demo.line import FATES, Fated, Line, fates
from yibao.demo.looked import looked_up
from yibao.demo.personal import survivors
from yibao.demo.play import Played
from yibao.demo.promises import promised
from yibao.demo.reckoning import CLASSES, REPORTS
from yibao.demo.wire import Wire

Json = dict[str, Any]


async def outcomes(desk: Desk, lines: Iterable[Line], dead: Iterable[int]) -> dict[tuple[str, str], Json]:
    """Intake's answer for every message id among these lines; a dead line's id may belong to nobody."""
    buried = set(dead)
    keys = list(dict.fromkeys((x.channel, x.message_id) for x in lines if x.message_id and x.n not in buried))
    answers = await together(lambda key: desk.outcome(*key), keys)
    return {key: answer for key, answer in zip(keys, answers, strict=True) if answer is not None}


def counted(told: Sequence[Fated]) -> dict[str, int]:
    """How many lines met each fate; the sum is the number of lines."""
    counts = Counter[str](fated.fate for fated in told)
    return {"published": len(told), **{fate: counts[fate] for fate in FATES}}


async def account(desk: Desk, wire: Wire, played: Played) -> Json:
    """The machine-readable account. `ok` is what the exit code says."""
    dead = await wire.dead()
    told = fates(played.lines, await outcomes(desk, played.lines, dead), dead)
    # A case that was merged holds no message any more: it is known by the one that opened it.
    ids = list(dict.fromkeys([*(fated.case["id"] for fated in told if fated.case), *played.opened.values()]))
    cases = await together(lambda id_: desk.get("intake", f"/cases/{id_}"), ids)
    day = await looked_up(desk, played, told, cases)
    clocks = [row for rows in await together(desk.clocks, ids) for row in rows]
    staff = sorted({f"staff:{case['assignee']}" for case in cases if case["assignee"]})
    alerts = [a for a in await desk.inbox(("desk", "lead", *staff)) if a["case_id"] in set(ids)]
    articles = [a for a in await together(desk.article, [c["number"] for c in cases]) if a]
    searches = await together(desk.search, played.queries)
    run = await desk.get("stats", f"/runs/{played.run_id}") if played.run_id else None
    result: Json = {
        "play": played.play.id,
        "messages": counted(told),
        "dead_letters": [
            {"channel": f.line.channel, "message_id": f.line.message_id, "reason": f.reason}
            for f in told if f.fate == "dead"
        ],
        "cases": {
            "total": len(cases),
            "by_status": _by(cases, "status"),
            "by_category": _by(cases, "category"),
            "by_channel": _by(cases, "channel"),
            "by_kind": _by(cases, "kind"),
            "by_decider": _by(cases, "category_by"),
            "by_why": _by(cases, "why"),
            "by_assignee": _by(cases, "assignee"),
            "ids": ids,
        },
        "outages": [
            {"number": o["number"], "state": o["state"], "cases": len(o["cases"]), "title": o["title"]}
            for o in day.outages.values()
        ],
        "clocks": {
            "total": len(clocks),
            "by_state": _by(clocks, "state"),
            "warned": sum(c["warned"] for c in clocks),
            "breached": sum(c["breached"] for c in clocks),
        },
        "alerts": {
            "total": len(alerts),
            "by_rule": _by(alerts, "rule"),
            "acknowledged": sum(a["state"] == "acknowledged" for a in alerts),
        },
        "articles": len(articles),
        "searches": [
            {"query": query, "hits": len(hits), "best": hits[0]["title"] if hits else ""}
            for query, hits in zip(played.queries, searches, strict=True)
        ],
        "run": _run(played, run),
        "reckoned": played.reckoned,
        "personal": {
            "planted": len(played.planted),
            "survived": survivors(played.planted, [*cases, *alerts, *articles]),
        },
        "troubles": played.troubles,
    }  # fmt: skip
    drill = [c for c in clocks if c["case_id"] == played.drill]
    result["checks"] = [*checks(result, told, cases, drill), *reckoned(played.reckoned), *promised(day)]
    result["ok"] = all(check["ok"] for check in result["checks"])
    return result


def checks(result: Json, told: Sequence[Fated], cases: Sequence[Json], drill: Sequence[Json]) -> list[Json]:
    """What the play promises; each with what was found."""
    counts, personal, run = result["messages"], result["personal"], result["run"]
    other = [f"{f.line.message_id}: {f.fate}" for f in told if f.line.expect not in (None, f.fate)]
    twice = [f.line.message_id for f in told if f.fate == "resent" and _records(cases, f.line.message_id) != 1]
    solved = sum(any(e["type"] == "case.resolved" for e in case["timeline"]) for case in cases)
    alarmed = any(c["warned"] and c["breached"] for c in drill)
    balanced = run is not None and run["rows_in"] == run["rows_accepted"] + run["rows_rejected"] and run["file_matches"]
    accounted = counts["published"] - counts["unaccounted"]
    return [
        _check("每条消息都有下落", not counts["unaccounted"], f"{accounted}/{counts['published']}"),
        _check("去向与剧本一致", not other, "; ".join(other)),
        _check("同编号重发只记一次", not twice, "; ".join(twice)),
        _check(
            "证件号与电话没有原样入库", not personal["survived"],
            "; ".join(personal["survived"]) or f"已核对 {personal['planted']} 个号码",
        ),
        _check("演练工单先预警后超时", alarmed, "" if alarmed else "未见预警或超时"),
        _check("解决过的工单全部入知识库", result["articles"] == solved, f"{result['articles']}/{solved}"),
        _check("报表输入 = 计入 + 退回, 文件与登记一致", balanced, "" if balanced else "报表未完成或不平"),
        _check("过程没有异常", not result["troubles"], "; ".join(result["troubles"])),
    ]  # fmt: skip


def reckoned(found: Json | None) -> list[Json]:
    """The reports that were counted on the invented month hold, and every planted difference was found."""
    reports = found["reports"] if found else {}
    failed = [name for name in REPORTS if reports.get(name, {}).get("verdict", "failed") == "failed"]
    compared = found["reconciliation"] if found else {}
    whole = compared.get("found") == list(range(1, CLASSES + 1)) and bool(compared.get("case"))
    of = f"{len(compared.get('found', ()))}/{CLASSES} 类, 工单 {compared.get('case', '无')}"
    return [
        _check("目录中的报表通过检查", not failed, "; ".join(failed) or f"{len(REPORTS)} 张"),
        _check("对账查出埋入的每类差异, 成为医院的工单", whole, of),
    ]


def _check(name: str, ok: bool, detail: str) -> Json:
    return {"name": name, "ok": ok, "detail": detail}


def _records(cases: Sequence[Json], message_id: str) -> int:
    return sum(event.get("message_id") == message_id for case in cases for event in case["timeline"])


def _by(rows: Iterable[Json], field: str) -> dict[str, int]:
    return dict(Counter(str(row[field]) for row in rows).most_common())


def _run(played: Played, run: Json | None) -> Json | None:
    if run is None or run["result"] is None or played.workbook is None:
        return None
    told = {file["form"]: file["sha256"] for file in run["result"]["outcome"]["files"]}
    matches = sha256(played.workbook.read_bytes()).hexdigest() == told.get("xlsx")
    return {"id": run["id"], **run["result"], "file": str(played.workbook), "file_matches": matches}
