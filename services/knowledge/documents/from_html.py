"""A page as Markdown: headings, lists, tables stay, what runs or only decorates goes. For the child process only."""

import re

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, NavigableString
from markdownify import MarkdownConverter

_NOISE = [
    "script",
    "style",
    "noscript",
    "template",
    "head",
    "title",
    "nav",
    "iframe",
    "object",
    "embed",
    "svg",
    "form",
    "button",
]
_SAFE = re.compile(r"(?:https?://|mailto:)[^\s()<>\[\]]+", re.IGNORECASE)  # and nothing that ends a link of Markdown
_IN_CELL = ["p", "div", "h1", "h2", "h3", "h4", "h5", "h6"]


def title_of(page: str) -> str:
    """The page's own title; empty when it has none."""
    found = BeautifulSoup(page, "html.parser").title
    return found.get_text(" ", strip=True) if found else ""


def markdown_of(page: str) -> str:
    soup = BeautifulSoup(page, "html.parser")
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for tag in soup.find_all(_NOISE):
        tag.decompose()
    for image in soup.find_all("img"):
        told = str(image.get("alt") or "").strip()
        image.replace_with(NavigableString(f"[图: {told}]" if told else "[图]"))
    for link in soup.find_all("a"):
        if not _SAFE.fullmatch(str(link.get("href") or "").strip()):
            link.unwrap()
    for cell in soup.find_all(["td", "th"]):
        _flatten(cell)
    converter = MarkdownConverter(heading_style="ATX", bullets="-", table_infer_header=True, escape_asterisks=False,
                                  escape_underscores=False)  # fmt: skip
    return str(converter.convert_soup(soup))


def _flatten(cell: Tag) -> None:
    """Paragraphs in a cell would end the row."""
    for part in cell.find_all(_IN_CELL):
        part.insert_after(NavigableString(" "))
        part.unwrap()
    for line in cell.find_all("br"):
        line.replace_with(NavigableString(" "))
