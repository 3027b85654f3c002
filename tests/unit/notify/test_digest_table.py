"""The summary of a report as text, Markdown, HTML and a picture; nothing in a cell is markup."""

import json
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from contracts.delivery import Handover
from contracts.stats import ReportTable
from services.notify.digests.chart import png, span, values
from services.notify.digests.enclosures import enclosed, with_table
from services.notify.digests.table import as_html, as_markdown, as_text, width
from services.notify.transports.port import Format, Letter, Sent

TABLE = ReportTable(
    title="医保结算汇总表",
    columns=("险种类型", "结算笔数", "基金支付总额"),
    rows=(("310 职工医保", "1,200", "98,765.40"), ("390 居民", "790", "-345.60")),
    total=("合计", "1,990", "98,419.80"),
    rows_out=12,
    draw=2,
    url="https://desk.example/stats/runs/1/output.xlsx",
)
CELLS = st.text(max_size=30)
TABLES = st.integers(1, 5).flatmap(
    lambda size: st.builds(
        ReportTable,
        title=CELLS,
        columns=st.tuples(*[CELLS] * size),
        rows=st.lists(st.lists(CELLS, max_size=7).map(tuple), max_size=6).map(tuple),
        total=st.lists(CELLS, max_size=7).map(tuple),
        draw=st.none() | st.integers(0, 6),
        url=CELLS,
    )
)


def test_chinese_counts_for_two_columns_and_numbers_stand_to_the_right() -> None:
    assert as_text(TABLE).splitlines() == [
        "医保结算汇总表",
        "序号  险种类型      结算笔数  基金支付总额",
        "------------------------------------------",
        "   1  310 职工医保     1,200     98,765.40",
        "   2  390 居民           790       -345.60",
        "      合计             1,990     98,419.80",
        "另有 10 行, 见完整报表",
        "完整报表 (需要登录): https://desk.example/stats/runs/1/output.xlsx",
    ]


@given(TABLES)
def test_the_lines_of_a_text_table_never_break_and_none_is_wider_than_its_columns(table: ReportTable) -> None:
    lines = as_text(table.model_copy(update={"url": "", "rows_out": 0})).split("\n")
    assert len(lines) == 3 + len(table.rows) + bool(table.total)
    assert all(width(line) <= width(lines[2]) for line in lines[1:])


@given(TABLES)
def test_every_line_of_a_markdown_table_has_as_many_cells_as_its_head(table: ReportTable) -> None:
    lines = as_markdown(table.model_copy(update={"url": "", "rows_out": 0})).split("\n")[2:]
    bars = [line.replace("\\\\", "").replace("\\|", "").count("|") for line in lines]
    assert len(lines) == 2 + len(table.rows) + bool(table.total)
    assert set(bars) == {len(table.columns) + 2}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)


@given(TABLES)
def test_no_cell_brings_a_tag_of_its_own_into_the_mail(table: ReportTable) -> None:
    parser = Tags()
    parser.feed(as_html(table, "cid:chart.png"))
    assert parser.tags <= {"h3", "table", "tr", "th", "td", "p", "img", "a"}


def test_a_cell_of_markup_is_text() -> None:
    table = TABLE.model_copy(update={"rows": (("<img src=x onerror=alert(1)>|**", "1", "2"),)})
    assert "<img" not in as_html(table) and "&lt;img" in as_html(table)
    assert "\\<img" in as_markdown(table) and "\\|" in as_markdown(table)


def test_an_address_that_is_no_link_of_the_web_is_not_made_one() -> None:
    table = TABLE.model_copy(update={"url": "javascript:alert(1)"})
    assert all("javascript" not in made for made in (as_html(table), as_markdown(table), as_text(table)))


def test_the_chart_has_a_bar_for_each_row_negative_ones_to_the_left() -> None:
    picture = png(TABLE)
    assert picture is not None and picture == png(TABLE)
    image = Image.open(BytesIO(picture)).convert("RGB")
    colours = {colour for _, colour in image.getcolors(1 << 20) or []}
    assert {(0x2F, 0x6F, 0xB3), (0xB3, 0x40, 0x2F)} <= colours
    assert values(TABLE) == [98765.4, -345.6]
    [(zero, _), (left, right)] = [span(n, values(TABLE)) for n in values(TABLE)]
    assert left == 0 and right == zero


@given(TABLES)
def test_whatever_a_report_holds_it_is_drawn_or_not_but_never_fails(table: ReportTable) -> None:
    assert (png(table) is None) == (not values(table))


@pytest.mark.parametrize("table", [TABLE.model_copy(update={"draw": None}), TABLE.model_copy(update={"rows": ()})])
def test_without_numbers_there_is_no_picture(table: ReportTable) -> None:
    assert png(table) is None


def test_a_mail_shows_the_picture_inside_and_other_providers_get_the_table_as_text() -> None:
    letter = Letter("d1", str(UUID(int=1)), "staff:wang", "w@example.org", "normal", "报表已完成", "采用 <10> 行")
    mail = with_table(letter, TABLE, "html")
    assert 'src="cid:chart.png"' in mail.html and "采用 &lt;10&gt; 行" in mail.html and "职工医保" in mail.body
    assert [(name, kind) for name, kind, _ in mail.files] == [("chart.png", "image/png")]
    robot = with_table(letter, TABLE, "markdown")
    assert (robot.files, robot.html) == ((), "") and "| 序号 | 险种类型 |" in robot.body


class Robot:
    """What enclosures need to know of a transport."""

    format: Format = "markdown"
    most_characters, most_bytes, titled = 0, 0, False

    async def send(self, letter: Letter) -> Sent:
        raise NotImplementedError

    async def close(self) -> None: ...


def test_a_table_that_is_too_long_for_a_provider_is_left_out_as_a_whole() -> None:
    letter = Letter("d1", str(UUID(int=1)), "staff:wang", "a", "normal", "报表已完成", "采用 10 行")
    handover = Handover.model_validate(json.loads(Path("contracts/examples/Handover.json").read_text()))
    handover = handover.model_copy(update={"table": TABLE})
    robot = Robot()
    assert "| 310 职工医保 |" in enclosed(letter, handover, robot).body
    robot.most_bytes = 100
    assert enclosed(letter, handover, robot) == letter
