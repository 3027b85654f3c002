"""Articles as pages: Markdown becomes headings, lists, tables and code; nothing in it runs, loads or is HTML itself."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

_TOP, _LEAST = 3, 6
LONGEST: Final = 100_000


class _Renderer(RendererHTML):
    """What scrolls can be reached by keyboard, and stands on its own."""

    def fence(self, tokens: Sequence[Token], idx: int, *_: Any) -> str:
        return f'<pre tabindex="0"><code>{escape(tokens[idx].content)}</code></pre>\n'

    code_block = fence  # type: ignore[assignment]

    def table_open(self, *_: Any) -> str:
        region = '<div class="table-responsive" tabindex="0" role="group" aria-label="表格">'
        return f'{region}<table class="table table-sm">\n'

    def table_close(self, *_: Any) -> str:
        return "</table></div>\n"


_READER: Final = (
    MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer).enable("table").disable("image")
)


def rendered(text: str) -> Markup:
    """HTML of a text that anybody may have written."""
    tokens = _READER.parse(text[:LONGEST])
    _lower(tokens)
    return Markup(_READER.renderer.render(tokens, _READER.options, {}))  # escaped by the renderer


def _lower(tokens: Sequence[Token]) -> None:
    """A text's headings come below the page's own, none left out, whatever level it began with."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    levels = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(levels.index(token.tag) + _TOP, _LEAST)}"
