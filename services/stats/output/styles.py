"""How the workbook looks: fonts, shades and number formats, each made once."""

from typing import Any

SONG, HEI = "宋体", "黑体"
NUMBERS = {
    "amount": "#,##0.00;[Red]-#,##0.00", "number": "#,##0.00;[Red]-#,##0.00", "count": "#,##0;[Red]-#,##0",
    "ratio": "0.0000;[Red]-0.0000", "percent": "0.00%;[Red]-0.00%", "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm", "plotted": "#,##0.####",
}  # fmt: skip
SHADES = {"line": {}, "subtotal": {"bold": True, "bg_color": "#F2F2F2"}, "total": {"bold": True, "bg_color": "#DDEBF7"}}
_CELL = {"border": 1, "border_color": "#7F7F7F", "font_name": SONG, "font_size": 11, "valign": "vcenter"}
_PLAIN = {"font_name": SONG, "font_size": 11, "valign": "vcenter"}
_OTHERS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_name": HEI, "font_size": 16, "align": "center", "valign": "vcenter"},
    "left": {**_PLAIN, "font_size": 10, "shrink": True},
    "right": {**_PLAIN, "font_size": 10, "align": "right", "shrink": True},
    "note": {**_PLAIN, "font_size": 10, "text_wrap": True, "valign": "top"},
    "bad_note": {**_PLAIN, "font_size": 10, "text_wrap": True, "valign": "top", "font_color": "#C00000", "bold": True},
    "signature": {**_PLAIN, "font_size": 11},
    "draft": {**_PLAIN, "font_name": HEI, "font_size": 14, "bold": True, "align": "center", "bg_color": "#FFEB3B"},
    "failed": {
        **_PLAIN, "font_name": HEI, "font_size": 14, "bold": True, "align": "center", "bg_color": "#C00000",
        "font_color": "#FFFFFF",
    },
    "head": {**_CELL, "bold": True, "bg_color": "#E7E6E6", "align": "center", "text_wrap": True, "font_name": HEI},
    "section": {**_CELL, "bold": True, "bg_color": "#E7E6E6", "font_name": HEI},
    "name": {**_CELL, "text_wrap": True, "valign": "top"},
    "bad": {**_CELL, "text_wrap": True, "valign": "top", "font_color": "#C00000", "bold": True},
}  # fmt: skip


class Styles:
    """The formats of one workbook, by name; of cells by what they hold and which kind of line they stand in."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self._once(name, "", _OTHERS[name])

    def cell(self, kind: str, shade: str = "line") -> Any:
        """`shade` is line, subtotal or total; a `hidden` cell stands to the right, as figures do."""
        number = {"num_format": NUMBERS[kind]} if kind in NUMBERS else {"num_format": "@"}
        align = {"align": "right"} if kind == "hidden" else {"align": "center"} if kind in ("date", "datetime") else {}
        return self._once(kind, shade, {**_CELL, **number, **align, **SHADES[shade]})

    def _once(self, name: str, shade: str, properties: dict[str, Any]) -> Any:
        if (name, shade) not in self._made:
            self._made[name, shade] = self._book.add_format(properties)
        return self._made[name, shade]
