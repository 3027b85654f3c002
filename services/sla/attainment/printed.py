"""The report on paper (PDF): clauses, groups, exemptions, and by which rules it was counted."""

from collections.abc import Sequence

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from chassis.paper import GRID, HEAD, SHADE, SMALL, TEXT, TITLE, WIDTH, pages, style, words
from contracts.exemption import GROUND_NAMES
from services.sla.attainment import words as said
from services.sla.attainment.asked import readable
from services.sla.attainment.report import ClauseLine, Line, Report
from services.sla.attainment.tally import percent
from services.sla.exemptions.model import Exemption
from services.sla.exemptions.words import covered

_RIGHT = style("right", 9, alignment=2)
_COLUMN = style("column", 8.5, alignment=2, textColor="#5b6875")
_COUNT = 14.5 * mm


def printed(report: Report) -> bytes:
    """The pages of a report."""
    story: list[Flowable] = [
        words("医保服务台", SMALL),
        words(said.TITLE, TITLE),
        *(words(line, SMALL) for line in said.head(report)),
        Spacer(1, 6),
        words("总体", HEAD),
        _counted([("全部", report.total)]),
        words("条款达成", HEAD),
        _clauses(report),
    ]
    for _, title, lines in said.groups(report):
        story += [words(title, HEAD), _counted([(line.name, line) for line in lines])]
    story += [
        words("免责", HEAD),
        _rows([(f"{readable(e.begins)} 至\n{readable(e.ends)}", _exempt(e)) for e in report.exemptions], 42 * mm),
        words("口径说明", HEAD),
        _rows(said.rules(report), 26 * mm),
        Spacer(1, 14),
        Table([[words(f"{who}:") for who in said.SIGNERS]], [WIDTH / len(said.SIGNERS)] * len(said.SIGNERS)),
    ]
    return pages(story, f"{said.TITLE} {said.period(report)}  校验码 {report.digest[:16]}", said.TITLE)


def _exempt(exemption: Exemption) -> str:
    return (
        f"{GROUND_NAMES[exemption.ground]}: {exemption.text}\n范围: {covered(exemption)}；"
        f"申请 {exemption.requester}，批准 {exemption.approver}"
    )


def _counted(lines: Sequence[tuple[str, Line]]) -> Flowable:
    if not lines:
        return words("无", SMALL)
    head = [words("", SMALL), *(words(name, _COLUMN) for name in said.COUNTS)]
    body = [[words(name, TEXT), *map(_number, _counts(line))] for name, line in lines]
    return _table([head, *body], [WIDTH - 7 * _COUNT - 4 * mm, *[_COUNT] * 6, _COUNT + 4 * mm])


def _counts(line: Line) -> tuple[str, ...]:
    return (*(f"{n:,}" for n in said.counts(line)), percent(line.kept, line.late))


def _clauses(report: Report) -> Flowable:
    if not (lines := report.clauses):
        return words("这些月份没有约定条款的合同" if report.judged else "已筛选，不列条款", SMALL)
    names = ("条款", "考核项", "约定", "达成", "超时", "免责", "达成率", "结论")
    widths = [22 * mm, 17 * mm, 12 * mm, 12 * mm, 12 * mm, 18 * mm, 17 * mm]
    head = [words(names[0], SMALL), words(names[1], SMALL), *(words(name, _COLUMN) for name in names[2:])]
    return _table([head, *map(_clause, lines)], [WIDTH - sum(widths), *widths])


def _clause(line: ClauseLine) -> list[Flowable]:
    counts = (line.line.kept, line.line.late, line.line.exempted)
    rate = percent(line.line.kept, line.line.late)
    numbers = (said.agreed(line.share), *(f"{n:,}" for n in counts), rate, line.verdict)
    return [words(f"{line.number} {line.title}\n{line.contract_name}"), words(line.what), *map(_number, numbers)]


def _number(text: str) -> Flowable:
    return words(text, _RIGHT)


def _rows(rows: Sequence[tuple[str, str]], first: float) -> Flowable:
    if not rows:
        return words("无", SMALL)
    return _table([[words(name, SMALL), words(text)] for name, text in rows], [first, WIDTH - first], header=False)


def _table(cells: Sequence[Sequence[Flowable]], widths: Sequence[float], header: bool = True) -> Table:
    table = Table(cells, colWidths=widths, repeatRows=1 if header else 0, splitInRow=1)
    shade = [("BACKGROUND", (0, 0), (-1, 0), HexColor(SHADE))] if header else []
    table.setStyle(TableStyle([*GRID, *shade]))
    return table
