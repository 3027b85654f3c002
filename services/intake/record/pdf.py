"""A case as a printable record (工单档案): facts, conversation, timeline, and the end of the chain on paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from chassis import paper
from chassis.paper import GRID, HEAD, SHADE, SMALL, TEXT, TITLE, WIDTH, words
from chassis.zone import BEIJING
from contracts.casework import OWES_NAMES
from services.intake.record import labels

Json = dict[str, Any]

_LONGEST = 1_500  # of one text on paper: the JSON has all of it


def render(record: Json) -> bytes:
    """The pages of a record, as `record.record` makes it."""
    case, chain = record["case"], record["chain"]
    story: list[Flowable] = [
        words("医保服务台 工单档案", SMALL),
        words(f"{case['number']}  {case['title']}", TITLE),
        words(f"导出时间 {_time(record['exported_at'])}    个人信息已遮盖", SMALL),
        Spacer(1, 6),
        _facts(case),
        words("对话", HEAD),
        _rows([(_time(line["at"]), _speaker(case, line), _capped(line["text"])) for line in _conversation(record)]),
        words("时间线", HEAD),
        _rows([(_time(e["occurred_at"]), labels.event(e["type"]), _told(e)) for e in record["timeline"]]),
        words("记录链", HEAD),
        *_proof(chain),
    ]
    return paper.pages(story, f"工单 {case['number']}", f"工单档案 {case['number']}", case["title"])


def _facts(case: Json) -> Table:
    found = case["found"]
    pairs = [
        ("状态", labels.STATUS[case["status"]]), ("类型", labels.KIND.get(case["kind"], case["kind"])),
        ("分类", case["category"]), ("优先级", labels.PRIORITY[case["priority"]]),
        ("渠道", labels.CHANNEL[case["channel"]]), ("来询人", case["requester_name"] or case["requester_id"]),
        ("机构编号", case["institution_code"]), ("经办人", case["assignee"]),
        ("下一步责任方", OWES_NAMES[case["owes"]]), ("上报单号", case["external_number"]),
        ("建立时间", _time(case["opened_at"])), ("最近更新", _time(case["touched_at"])),
        ("交易编号", found["infno"]), ("报错", found["error"]),
        ("首次响应", _time(case["responded_at"])), ("解决时间", _time(case["ended_at"])),
    ]  # fmt: skip
    cells = [[words(name, SMALL), words(value or "—", TEXT)] for name, value in pairs]
    rows = [[*a, *b] for a, b in zip(cells[::2], cells[1::2], strict=True)]
    if case["resolution"]:
        rows.append([words("解决方案", SMALL), words(case["resolution"], TEXT), "", ""])
    label = 24 * mm
    table = Table(rows, colWidths=[label, WIDTH / 2 - label] * 2)
    spans = [("SPAN", (1, -1), (3, -1))] if case["resolution"] else []
    table.setStyle(TableStyle([*GRID, ("BACKGROUND", (0, 0), (-1, -1), HexColor(SHADE)), *spans]))
    return table


def _rows(rows: Sequence[tuple[str, str, str]]) -> Flowable:
    """A time, a name, and words; a row may go on over as many pages as it takes."""
    if not rows:
        return words("无", SMALL)
    cells = [[words(at, SMALL), words(name, SMALL), words(text, TEXT)] for at, name, text in rows]
    table = Table(cells, colWidths=[32 * mm, 30 * mm, WIDTH - 62 * mm], splitInRow=1)
    table.setStyle(TableStyle(GRID))
    return table


def _conversation(record: Json) -> list[Json]:
    """What was said by both sides, in the order of time."""
    answers = [
        {"at": e["occurred_at"], "text": e["text"], "staff": True, "sender": e["actor"].get("name") or e["actor"]["id"]}
        for e in record["timeline"]
        if e["type"] == "case.responded" and e.get("via") != "group"  # what colleagues wrote there is a line
    ]
    said = [*record["case"]["lines"], *answers]
    return sorted(said, key=lambda line: datetime.fromisoformat(line["at"]))


def _speaker(case: Json, line: Json) -> str:
    name = line["sender"] or case["requester_name"] or case["requester_id"]
    return f"服务台 {name}" if line["staff"] else str(name)


def _told(event: Json) -> str:
    who = labels.actor(event["actor"])
    words = _capped(labels.details(event))
    return f"{who}: {words}" if words else who


def _capped(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…（全文见 JSON 档案）"


def _proof(chain: Json) -> list[Flowable]:
    verdict = (
        "完整: 每条记录都含前一条的 SHA-256"
        if chain["ok"]
        else f"第 {chain['broken_at'] + 1} 条起不完整: {chain['why']}"
    )
    return [
        words(f"共 {chain['events']} 条记录, {verdict}。", TEXT),
        words(f"链尾 SHA-256: {chain['head']}", SMALL),
        words("核对方法: yibao audit 会重新计算整条链, 并与事件流中的原件逐条比对。", SMALL),
    ]


def _time(at: str | None) -> str:
    return datetime.fromisoformat(at).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if at else ""
