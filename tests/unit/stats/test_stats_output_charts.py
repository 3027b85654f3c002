"""Charts draw the lines of the report in a unit that can be read, add nothing up, and are pictures and nothing else."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.packages import modules
from services.stats.definitions.definition import Chart, Output
from services.stats.output import charts as drawing
from services.stats.output.charts import charts, option, told
from services.stats.output.node import node
from services.stats.output.plots import Plot, Series, chosen, scale
from services.stats.output.svg import Unsafe, checked
from services.stats.report import Shown
from tests.support.reports import PLACES, report

needs_node = pytest.mark.skipif(node() is None or modules() is None, reason="needs node and node_modules")


@pytest.mark.parametrize(
    "bad",
    [
        "<svg>",
        "<svg><script/></svg>", '<svg onload="x"/>', '<svg><a href="x"/></svg>', '<svg><image href="x"/></svg>',
        "<svg><foreignObject/></svg>", "<svg><style>@import 'x'</style></svg>", '<svg><rect fill="url(http://x)"/></svg>',
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>',
    ],
)  # fmt: skip
def test_a_picture_that_could_run_or_fetch_something_is_refused(bad: str) -> None:
    with pytest.raises(Unsafe):
        checked(bad)


def test_a_chart_by_one_dimension_is_drawn_over_its_subtotals_and_adds_nothing_up(tmp_path: Path) -> None:
    plot = chosen(report(tmp_path))[0]
    assert plot.labels == ("城乡居民基本医疗保险", "职工基本医疗保险", "离休人员医疗保障")
    assert plot.unit == "亿元" and plot.series[0].values[0] == 2.1976


def test_where_there_are_no_subtotals_the_other_dimension_becomes_series(tmp_path: Path) -> None:
    plot = chosen(report(tmp_path))[2]
    assert plot.labels[0] == PLACES[0]
    assert {s.name for s in plot.series} == {"职工基本医疗保险", "城乡居民基本医疗保险", "离休人员医疗保障"}


def test_only_the_largest_are_drawn_wherever_they_stand(tmp_path: Path) -> None:
    outputs = (Output("a", "项", "text", dimension=True), Output("b", "值", "count"))
    chart = Chart("bar", "图", "a", ("b",), top=3)
    rows = [(f"第{n}", n, 0) for n in range(5_000)]
    [plot] = chosen(report(tmp_path, rows, outputs, charts=(chart,)))
    assert plot.labels == ("第4999", "第4998", "第4997")
    assert plot.note == "只画最大的 3 项" and option(plot)["title"]["subtext"] == plot.note


def test_what_is_drawn_in_full_has_no_note(tmp_path: Path) -> None:
    assert [p.note for p in chosen(report(tmp_path))] == ["", "", ""]


def test_groups_that_are_too_many_are_told_and_months_among_them_keep_their_order(tmp_path: Path) -> None:
    outputs = (
        Output("i", "险种", "text", dimension=True), Output("m", "月份", "month", dimension=True),
        Output("b", "值", "count"),
    )  # fmt: skip
    rows = [("甲", f"2026-{n:02}", n, 0) for n in range(1, 13)]
    [plot] = chosen(report(tmp_path, rows, outputs, charts=(Chart("bar", "图", "i", ("b",)),)))
    assert [s.name for s in plot.series] == [f"2026-{n:02}" for n in range(5, 13)]
    assert plot.note == "只画最大的 8 组"


def test_time_keeps_its_order_and_is_never_cut(tmp_path: Path) -> None:
    outputs = (Output("m", "月份", "month", dimension=True), Output("b", "值", "count"))
    rows = [(f"2026-{n:02}", 100 - n, 0) for n in range(1, 13)]
    [plot] = chosen(report(tmp_path, rows, outputs, charts=(Chart("line", "图", "m", ("b",), top=3),)))
    assert plot.labels == tuple(f"2026-{n:02}" for n in range(1, 13))


numbers = st.one_of(st.none(), st.floats(-1e12, 1e12, allow_nan=False))


@given(
    st.sampled_from(["bar", "line", "pie"]), st.lists(st.text(max_size=30), min_size=1, max_size=50, unique=True),
    st.data(),
)  # fmt: skip
def test_an_option_is_json_holds_every_value_and_never_moves(kind: str, labels: list[str], data: st.DataObject) -> None:
    values = data.draw(st.lists(numbers, min_size=len(labels), max_size=len(labels)))
    made = option(Plot(kind, "图", "元", tuple(labels), (Series("甲", tuple(values)),)))
    assert json.loads(json.dumps(made)) == made and made["animation"] is False
    drawn = [item["value"] for item in made["series"][0]["data"]]
    if kind == "pie":
        assert drawn == [v for v in values if v and v > 0]
    else:
        assert drawn == ["-" if v is None else v for v in values]


@given(st.lists(st.floats(-1e14, 1e14, allow_nan=False), min_size=1))
def test_amounts_are_told_in_a_unit_that_gives_them_few_digits(values: list[float]) -> None:
    divisor, unit = scale(Shown("a", "额", "amount"), "元", values)
    most = max(abs(v) for v in values)
    assert unit == {1.0: "元", 1e4: "万元", 1e8: "亿元"}[divisor]
    assert most / divisor < 1e4 or unit == "亿元"
    assert most / divisor >= 1 or unit == "元"


def test_an_amount_that_is_counted_in_ten_thousands_already_is_not_divided_again() -> None:
    assert scale(Shown("a", "额", "amount"), "万元", [5e9]) == (1, "万元")


def test_a_figure_beside_its_bar_is_written_out() -> None:
    assert (told(1234.5, "万元"), told(3.0, "")) == ("1,234.50", "3")


@needs_node
def test_charts_are_drawn_with_their_words_and_the_same_each_time(tmp_path: Path) -> None:
    made = report(tmp_path)
    one = charts(made)
    assert one.missing == "" and one == charts(made)
    assert (
        "各险种医疗费用与基金支付" in one.svgs[0]
        and "单位：亿元" in one.svgs[0]
        and "城乡居民基本医疗保险" in one.svgs[0]
    )


@needs_node
def test_a_node_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "chart.mjs"
    script.write_text("setInterval(() => {}, 1000)")
    monkeypatch.setattr(drawing, "SCRIPT", script)
    monkeypatch.setattr(drawing, "_TIMEOUT_S", 0.5)
    packages = modules()
    assert packages is not None
    with pytest.raises(subprocess.TimeoutExpired):
        drawing.render(chosen(report(tmp_path)), str(node()), str(packages))  # type: ignore[arg-type]
