"""Text, and what is personal in it: tokens for persons, masks for names; and how a refused cell is shown to staff."""

import re
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any

from chassis.personal.masking import mask
from services.stats.sources.ingest.cell import (
    BLANK_INSIDE,
    DOT_ZERO,
    HIDDEN,
    SCIENTIFIC,
    Cell,
    Refusal,
    check,
    narrow,
    narrowed,
    printable,
    tidy,
)
from services.stats.sources.table import Column

TOKEN = re.compile(r"p_[0-9a-f]{32}", re.ASCII)
_BLANK = re.compile(r"\s+")
_DOT_ZERO = re.compile(r"(\d+)\.0+", re.ASCII)
_PURPOSE = b"\0yibao.stats.pseudonym\0"
_MASKED = re.compile(r"(?:.{2})?\*\*\*(?:.{2})?")
_LONG = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)", re.ASCII)
_IDENTITY = re.compile(r"(?<!\d)(?:\d{6}(?:19|20)\d\d[01]\d[0-3]\d{4}[\dXx]|1[3-9]\d{9})(?!\d)", re.ASCII)


def text(column: Column) -> Callable[[str], Cell]:
    """The converter of free text."""
    pattern = re.compile(column.pattern) if column.pattern else None

    def typed(cell: str) -> Cell:
        if SCIENTIFIC.fullmatch(cell) and "+" in cell:
            raise Refusal("被 Excel 改成了科学计数法, 请把列设为文本后重新导出")
        value, repairs = printable(cell, column.most)
        if pattern is not None and not pattern.fullmatch(value):
            value, repairs = narrowed(value)
            if not pattern.fullmatch(value):
                raise Refusal("格式不符")
        return Cell(value, repairs)

    return typed


def pseudonym(column: Column, key: bytes) -> Callable[[str], Cell]:
    """The converter of who it is: the same person gets the same token from every table and file, whether the number was
    written in groups, in full width, with a small x, or came through a spreadsheet's column of numbers (`62010001.0`).

    A token stays as it is, so that a file of refused rows can be mended and uploaded again.
    """
    typed = text(column)

    def tokenised(cell: str) -> Cell:
        if TOKEN.fullmatch(cell):
            return Cell(cell)
        value, repairs = narrowed(cell)
        plain = _BLANK.sub("", value)
        repairs = (*repairs, BLANK_INSIDE) if plain != value else repairs
        if (number := _DOT_ZERO.fullmatch(plain)) is not None:
            plain, repairs = number[1], (*repairs, DOT_ZERO)
        return Cell(token(key, typed(plain.upper()).value), repairs)

    return tokenised


def token(key: bytes, value: str) -> str:
    """`value` is already without blanks around it and in upper case (the X of an identity number).

    Half of a SHA-256 behind the key: as good as HMAC, because what is cut off cannot be continued, and twice as fast.
    """
    state = _state(key).copy()
    state.update(value.encode("utf-8", "replace"))
    digest: str = state.hexdigest()
    return "p_" + digest[:32]


@cache
def _state(key: bytes) -> Any:
    return sha256(key + _PURPOSE)


def masked(column: Column) -> Callable[[str], Cell]:
    """The converter of what is kept only so that staff recognise it."""
    typed = text(column)

    def hidden(cell: str) -> Cell:
        if _MASKED.fullmatch(cell) and cell.isprintable():
            return Cell(cell)
        value, repairs, _ = typed(cell)
        return Cell(ends(value), repairs)

    return hidden


def ends(value: str) -> str:
    """The first and last two characters of what is long enough; masking twice changes nothing."""
    value = value.lstrip("+-=@")  # a mask that begins so would be taken for a formula
    return value[:2] + "***" + value[-2:] if len(value) > 6 else "***"


def shown(column: Column, raw: str, value: object, refused: bool, shifted: bool) -> str:
    """A cell of a refused row as staff may see it, and upload it again once the row is mended.

    `value` is what the cell became unless it was refused: a token or a mask is shown instead of the person. In a row
    that seems to be `shifted` all Chinese text is hidden: names may stand anywhere.
    """
    cell, _ = tidy(raw)
    if column.personal and cell:
        return HIDDEN if refused else str(value)
    if not refused and column.type != "text":
        cell = "" if value is None else str(value)
    return _visible(column, cell, shifted or refused) if cell else ""


def _visible(column: Column, cell: str, careful: bool) -> str:
    half = narrow(cell)
    if not cell.isprintable() or len(cell) > column.most or (careful and not half.isascii()):
        return HIDDEN
    # Ids are long numbers too: there, only what is built like an identity number is hidden.
    ids = column.type in ("text", "code") and not column.dictionary
    if (_IDENTITY if ids else _LONG).search(half):
        return HIDDEN
    return _defused(cell if cell.isascii() else mask(cell))


def _defused(cell: str) -> str:
    try:
        check(cell)
    except Refusal:
        return cell if cell == HIDDEN else "'" + cell  # a spreadsheet would run it as a formula
    return cell
