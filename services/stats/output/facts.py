"""口径与数据质量: what stands behind a report, as sections of name and value; the same on every form."""

from collections.abc import Iterable
from typing import NamedTuple

from services.stats.definitions.definition import FAMILIES
from services.stats.output.words import scope, status
from services.stats.report import Checked, Report

_VERDICTS = {"passed": "全部通过", "warned": "有提示", "failed": "未通过"}


class Section(NamedTuple):
    title: str
    facts: tuple[tuple[str, str], ...]


def sections(report: Report) -> tuple[Section, ...]:
    """Empty sections are left out."""
    found = (
        Section("报表", tuple(_report(report))),
        Section("统计口径", tuple(_definition(report))),
        Section("指标说明", tuple((o.name, o.note) for o in report.definition.outputs if o.note)),
        Section("质量检查", tuple((c.name, _checked(c)) for c in report.checks)),
        Section("数据来源", tuple(_inputs(report))),
    )
    told = (s._replace(facts=tuple(fact for fact in s.facts if fact[1])) for s in found)
    return tuple(section for section in told if section.facts)


def _report(report: Report) -> Iterable[tuple[str, str]]:
    yield "报表", f"{report.definition.title}（{report.definition.id}）"
    yield "类别", FAMILIES[report.definition.family]
    yield "统计期", _period(report)
    yield "数据范围", scope(report)
    titles = {p.name: p.title for p in report.definition.parameters}
    yield from ((f"参数：{titles.get(name, name)}", value or "（空）") for name, value in report.parameters.items())
    yield "数据截至", f"{report.data_as_of:%Y-%m-%d %H:%M}" if report.data_as_of else "数据中没有日期"
    yield "结果行数", f"{report.rows:,} 行"
    yield "检查结论", _VERDICTS[report.verdict]
    if report.hidden_marks:
        yield "隐去的单元格", f"{report.hidden_marks} 处（人数少于 {report.below}）"
    yield "结果指纹 (SHA-256)", report.sha256


def _period(report: Report) -> str:
    period = report.period
    return f"{period.name}（{period.since} 至 {period.last_day}，含首尾）" if period.text else period.name


def _definition(report: Report) -> Iterable[tuple[str, str]]:
    definition = report.definition
    yield "用途", definition.purpose
    yield "归口科室", definition.owner
    yield "依据", definition.basis
    yield "来源", definition.sources
    yield "每行是", definition.grain
    yield from _numbered("取数条件", definition.filters)
    yield from _numbered("约束", definition.constraints)
    yield from _numbered("说明", definition.notes)
    yield "口径状态", status(report)
    yield "口径指纹 (SHA-256)", definition.hash


def _numbered(name: str, told: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    return ((f"{name} {n}" if len(told) > 1 else name, text) for n, text in enumerate(told, 1))


def _checked(checked: Checked) -> str:
    verdict = "通过" if checked.ok else "未通过" if checked.severity == "fail" else "提示"
    return f"{verdict}：{checked.found}" if checked.found else verdict


def _inputs(report: Report) -> Iterable[tuple[str, str]]:
    if read := report.read_in:
        told = f"{read.rows:,} 行，其中 {read.rejected:,} 行不合要求、没有计入"
        yield "本次读入", told if read.rejected else f"{read.rows:,} 行，全部计入"
    for used in report.inputs:
        yield f"数据表 {used.table}", f"{used.name or '未命名'}，{used.rows:,} 行，指纹 {used.sha256}"
