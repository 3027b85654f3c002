"""The words of an HTML mail, without what a mail program put there itself: styles, scripts, the quoted mail. Pure.

A reader of its own: the standard library's needs time in the square of the length for some broken pages, and a mail
may hold any page. This one looks at every character a bounded number of times.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

_SILENT: Final = frozenset({"script", "style", "head", "title", "template", "noscript"})
_BLOCKS: Final = frozenset(
    {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "br"}
)
_VOID: Final = frozenset({"br", "hr", "img", "meta", "link", "input", "col", "base", "area", "wbr", "source"})
_QUOTES: Final = ("gmail_quote", "isreplycontent", "yahoo_quoted", "moz-cite-prefix")
_TAG: Final = re.compile(r"/?[A-Za-z][A-Za-z0-9:]{0,30}")
_MARK: Final = re.compile(r"\b(class|id|name|type)\s*=\s*[\"']?([^\"'>]{0,200})", re.IGNORECASE)
MAX_PAGE, _MAX_TAG, _DEEPEST = 2_000_000, 2_000, 2_000


def html_to_text(html: str, keep_quotes: bool = False) -> str:
    """The text that a reader of the page would see; `keep_quotes` where the quoted mail is the question."""
    said: list[str] = []
    skipped: list[str] = []  # the open elements within one that says nothing
    as_typed = False  # within <pre> line ends are the sender's
    for tag, content in _tokens(html[:MAX_PAGE]):
        name = tag.removeprefix("/")
        if skipped:
            _skip(skipped, tag, name)
        elif not tag:
            text = unescape(content)
            said.append(text if as_typed else text.replace("\r", " ").replace("\n", " "))
        elif tag == name and (name in _SILENT or (not keep_quotes and _is_quote(name, content))):
            skipped.append(name)
        elif name in _BLOCKS:
            said.append("\n")
            as_typed = tag == "pre" or (as_typed and tag != "/pre")
        elif tag in ("td", "th"):
            said.append(" ")
    return _few_blank("".join(said).encode(errors="replace").decode())


def _tokens(html: str) -> Iterator[tuple[str, str]]:
    """Tags by name, an end tag with its slash, with what is in them; and texts, under an empty name."""
    at = 0
    while (start := html.find("<", at)) >= 0:
        yield "", html[at:start]
        comment = html.startswith("<!--", start)
        end = html.find("-->" if comment else ">", start + 1)
        if end < 0:
            at = start
            break
        body = html[start + 1 : end]
        if comment or body[:1] in ("!", "?"):
            at = end + (3 if comment else 1)
        elif found := _TAG.match(body):
            yield found[0].lower(), body[:_MAX_TAG]
            at = end + 1
        else:  # a lone < is what somebody wrote
            yield "", "<"
            at = start + 1
    yield "", html[at:]


def _skip(skipped: list[str], tag: str, name: str) -> None:
    if tag == name:
        if name and name not in _VOID and len(skipped) < _DEEPEST:
            skipped.append(name)
    elif name in skipped:
        # Whatever was left open inside is closed with it.
        while skipped.pop() != name:
            pass


def _is_quote(name: str, body: str) -> bool:
    marks = [(found[1].lower(), found[2].lower()) for found in _MARK.finditer(body)]
    if name == "blockquote" and any(key == "type" and value.startswith("cite") for key, value in marks):
        return True
    return any(quote in value for _, value in marks for quote in _QUOTES)


def _few_blank(text: str) -> str:
    """At most one blank line in a row."""
    out: list[str] = []
    for line in (" ".join(line.split()) for line in text.splitlines()):
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip()
