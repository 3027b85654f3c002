"""What the readers of workbooks do not tell: error values, formulas without a result, hidden rows, bombs, passwords."""

import posixpath
import re
import zipfile
from pathlib import Path

import msgspec
from defusedxml import ElementTree

from services.stats.problem import Problem

_BLOCK = 1 << 20
MOST_EXPANDED = 8 << 30
_LARGE = 64 << 20
_RATIO, _RATIO_OF_LARGE = 1_000, 400
"""A sheet of one repeated row is compressed to a two-hundredth; what is far beyond is no sheet."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FORMULA = re.compile(
    rb'<c\b([^>]*?\br="([A-Z]{1,3})(\d+)"[^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_ERROR = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d+)"')
_HIDDEN = re.compile(rb'<row\b[^>]*\bhidden="(?:1|true)"')
_ROW = re.compile(rb'<row\b[^>]*\br="(\d+)"')
_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})')
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Sheet(msgspec.Struct):
    """`size` in bytes of XML; `rows` and `width` span all cells, the empty ones between them as well.

    `without_result` has the columns (from 0) of such formulas by their line (from 1), `errors` those of error values.
    """

    size: int = 0
    rows: int = 0
    width: int = 0
    hidden: int = 0
    without_result: dict[int, list[int]] = {}
    errors: dict[int, list[int]] = {}


def looked_through(path: Path) -> dict[str, Sheet]:
    """What there is to know about each sheet of an XLSX by its name, {"": …} of an XLS. Raises Problem."""
    with path.open("rb") as source:
        if source.read(4) != b"PK\x03\x04":
            return _old(path)
    try:
        with zipfile.ZipFile(path) as book:
            check_bomb(book)
            if any(info.flag_bits & 1 for info in book.infolist()):
                raise Problem("工作簿有打开密码: 请去掉密码后再上传")
            return {name: _look(book, part) for name, part in _parts(book).items()}
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, EOFError, OSError):
        raise Problem("工作簿已损坏: 请用 Excel 打开后另存为 xlsx 再上传") from None


def check_bomb(archive: zipfile.ZipFile, most: int = MOST_EXPANDED) -> None:
    """Raise Problem when it says that it would fill the disk. What it says is the most that is ever taken out of it."""
    members = archive.infolist()
    if sum(info.file_size for info in members) > most:
        raise Problem(f"解压后超过 {most >> 20} MB, 不予读取: 请拆分后上传")
    if any(_is_bomb(info) for info in members):
        raise Problem("压缩比异常 (可能是压缩炸弹), 不予读取: 请重新导出")


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    most = _RATIO_OF_LARGE if info.file_size > _LARGE else _RATIO
    return info.file_size > max(_BLOCK, most * max(info.compress_size, 1))


def _old(path: Path) -> dict[str, Sheet]:
    data = path.read_bytes()
    if _ENCRYPTED in data:
        raise Problem("工作簿有打开密码: 请去掉密码后再上传")
    return {"": Sheet(len(data))}


def _parts(book: zipfile.ZipFile) -> dict[str, str]:
    """The file of each worksheet by its name."""
    links = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    found = {sheet.get("name", ""): targets.get(sheet.get(_REL), "") for sheet in sheets}
    whole = {name: posixpath.normpath(posixpath.join("/xl", target)).lstrip("/") for name, target in found.items()}
    return {name: part for name, part in whole.items() if "worksheets/" in part}


def _look(book: zipfile.ZipFile, part: str) -> Sheet:
    sheet = Sheet()
    with book.open(part) as source:
        rest = b""
        while block := source.read(_BLOCK):
            sheet.size += len(block)
            rest = _scan(rest + block, sheet)
        _scan(rest + b"<row", sheet)
    return sheet


def _scan(text: bytes, sheet: Sheet) -> bytes:
    """Look at all whole cells; returns what comes after them."""
    last = max(text.rfind(b"<c "), text.rfind(b"<row"))
    whole, rest = (text[:last], text[last:]) if last >= 0 else (b"", text[-4096:])
    sheet.hidden += len(_HIDDEN.findall(whole))
    if numbers := _ROW.findall(whole):
        sheet.rows = max(sheet.rows, int(numbers[-1]))
    sheet.width = max([sheet.width, *(_index(letters.decode()) + 1 for letters in set(_COLUMN.findall(whole)))])
    if b't="e"' in whole:
        for column, line in _ERROR.findall(whole):
            sheet.errors.setdefault(int(line), []).append(_index(column.decode()))
    if b"<f" not in whole:
        return rest
    for attributes, column, line in _FORMULA.findall(whole):
        if b't="str"' not in attributes:  # of text, nothing is a result
            sheet.without_result.setdefault(int(line), []).append(_index(column.decode()))
    return rest


def _index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
