"""Entries as tables: a CSV of institutions, contacts, contracts or staff becomes entries, row by row.

Columns are named in English or Chinese; several values in one cell are separated by `;` or `、`. A bad row is
reported with its number and does not hold up the others.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, get_args

from pydantic import ValidationError

from contracts.channel import CHANNELS, Channel
from contracts.directory import EntryKind, Identity
from services.intake.directory.fold import problem_of
from services.intake.directory.model import BODIES, Body
from services.intake.text.csv_lines import UNREADABLE, CsvLine, lines_of

Read = Callable[[Channel, str], Identity]
FILES: Final[dict[str, EntryKind]] = {
    "institutions.csv": "institution",
    "contacts.csv": "contact",
    "contracts.csv": "contract",
    "staff.csv": "staff",
}
MAX_ROWS = 20_000
_SEVERAL = {"aliases", "institution_codes", "skills", "posted_at"}
_CHINESE: Final = {
    "编号": "id", "机构编号": "code", "医药机构编号": "code", "名称": "name", "机构名称": "name", "姓名": "name",
    "别名": "aliases", "简称": "aliases", "等级": "level", "医院等级": "level", "医保区划": "admdvs", "区划": "admdvs",
    "HIS厂商": "his_vendor", "所属机构": "institution_code", "角色": "role", "职务": "role",
    "覆盖机构": "institution_codes",
    "开始日期": "begins", "结束日期": "ends", "时限策略": "policy", "培训次数": "trainings", "驻场": "place",
    "驻点": "posted_at", "组长": "lead", "技能": "skills", "工单上限": "most",
    "微信": "wechat", "QQ": "qq", "电话": "phone",
    "手机": "phone", "网页": "web", "邮箱": "email", "窗口": "onsite",
}  # fmt: skip
_WORDS: Final = {
    "place": {"驻场": "resident", "是": "resident", "远程": "remote", "否": "remote"},
    "lead": {"是": "true", "否": "false"},
}
_REASONS: Final = {
    "missing": "缺少此列或为空",
    "literal_error": "取值不在允许范围",
    "string_pattern_mismatch": "格式不符",
}


class Row(NamedTuple):
    """`line` is its number in the file; either a body or what is wrong."""

    line: int
    body: Body | None
    problem: str = ""


class NotATable(Exception):
    """The file cannot be read as a CSV with a heading; the message says what to do."""


def text_of(data: bytes) -> str:
    """A CSV as a spreadsheet writes it: UTF-8 with or without a mark, or GBK. Raises NotATable."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotATable("文件编码不是 UTF-8 也不是 GBK: 请用表格软件另存为 CSV UTF-8 后再导入")


def rows(kind: EntryKind, data: bytes, identity: Read) -> Iterator[Row]:
    """The entries of a CSV; `identity` makes an account what may be stored. Raises NotATable."""
    lines = lines_of(text_of(data))
    heading = [_CHINESE.get(name.strip(), name.strip()) for name in next(lines, CsvLine(1, None)).cells or []]
    if "name" not in heading and "id" not in heading and "code" not in heading:
        raise NotATable("第一行不是表头: 请下载样例, 第一行写列名 (如 code,name 或 机构编号,机构名称)")
    if kind == "institution":
        heading = ["code" if name == "id" else name for name in heading]
    for number, cells in lines:
        if number > MAX_ROWS:
            raise NotATable(f"超过 {MAX_ROWS} 行: 请分成几个文件导入")
        if cells is None:
            yield Row(number, None, UNREADABLE)
        elif any(cell.strip() for cell in cells):
            named = zip(heading, cells, strict=False)
            yield _row(kind, number, {n: c.strip() for n, c in named if c.strip()}, identity)


def _row(kind: EntryKind, line: int, cells: dict[str, str], identity: Read) -> Row:
    try:
        body = BODIES[kind].model_validate(_facts(cells, identity))
    except ValidationError as error:
        return Row(line, None, "; ".join(_explain(error)))
    problem = problem_of(body)
    return Row(line, None if problem else body, problem)


def _facts(cells: dict[str, str], identity: Read) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, cell in cells.items():
        if name in _SEVERAL:
            facts[name] = _several(cell)
        elif name not in CHANNELS:
            facts[name] = _WORDS.get(name, {}).get(cell, cell)
    accounts = [(channel, account) for channel in get_args(Channel) for account in _several(cells.get(channel, ""))]
    return {**facts, "identities": [identity(channel, account) for channel, account in accounts]}


def _several(cell: str) -> list[str]:
    return [value for value in (part.strip() for part in re.split(r"[;；、|]", cell)) if value]


def _explain(error: ValidationError) -> Iterator[str]:
    # Without the value: it may be personal.
    for item in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
        yield f"{'.'.join(map(str, item['loc']))}: {_REASONS.get(item['type'], '格式或类型不符')}"
