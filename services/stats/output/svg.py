"""Whether a drawn SVG is a picture and nothing else, so that it may stand inside a page."""

from typing import Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

_NAMESPACE: Final = "{http://www.w3.org/2000/svg}"
_ALLOWED: Final = frozenset({
    "svg", "g", "path", "text", "tspan", "rect", "line", "polyline", "polygon", "circle", "ellipse", "defs", "clipPath",
    "linearGradient", "radialGradient", "stop", "style",
})  # fmt: skip


class Unsafe(Exception):
    """The text is no SVG, or holds something that could run or be fetched."""


def checked(svg: str) -> str:
    """The same text. Raises Unsafe."""
    try:
        root = fromstring(svg)
    except (ParseError, DefusedXmlException) as error:
        raise Unsafe("not XML") from error
    for element in root.iter():
        tag = str(element.tag).removeprefix(_NAMESPACE)
        if tag not in _ALLOWED or any(_reaches(name, value) for name, value in element.attrib.items()):
            raise Unsafe(tag)
        if tag == "style" and ("url(" in (element.text or "") or "@import" in (element.text or "")):
            raise Unsafe("style")
    return svg


def inline(svg: str) -> str:
    """As it may stand in an HTML page: without the XML heading and the namespaces, which are known there."""
    start = svg.index("<svg")
    head, rest = svg[start:].split(">", 1)
    kept = (part for part in head.split(" ") if not part.startswith("xmlns"))
    return f"{' '.join(kept)}>{rest}"


def _reaches(name: str, value: str) -> bool:
    if name.lower().startswith("on") or name.lower().endswith("href"):
        return True
    return "url(" in value.replace(" ", "") and "url(#" not in value.replace(" ", "")
