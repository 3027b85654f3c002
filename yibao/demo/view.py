"""What the audience sees while the day is played: plain lines anywhere, five panels in a terminal."""

from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.layout import Layout
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

CHANNELS = {"wechat": "微信", "qq": "QQ", "phone": "电话", "web": "网站", "email": "邮件", "onsite": "窗口"}
STATES = {
    "new": "新建", "in_progress": "处理中", "waiting": "等待", "escalated": "已上报", "resolved": "已解决",
    "closed": "已关闭", "running": "计时中", "paused": "暂停", "met": "按时", "stopped": "停止",
    "warned": "预警过", "breached": "超时过", "total": "合计",
}  # fmt: skip
_LOWER, _FIGURES, _LEAST_HEIGHT = 16, 10, 28
_URGENT = {"urgent": "bold red", "high": "yellow", "normal": "white", "low": "dim"}


class View(Protocol):
    """Texts come masked from the services; nothing here may show what was published."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def say(self, text: str, style: str = "") -> None: ...
    def alert(self, title: str, body: str, urgency: str) -> None: ...
    def report(self, text: str) -> None: ...
    def cases(self, counts: Mapping[str, int]) -> None: ...
    def clocks(self, counts: Mapping[str, int], drill: str) -> None: ...


class PlainView:
    """One line per happening, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def say(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style, markup=False, soft_wrap=True)

    def alert(self, title: str, body: str, urgency: str) -> None:
        self._console.print(f"  通知 {title}: {body}", style=_URGENT[urgency], markup=False, soft_wrap=True)

    def report(self, text: str) -> None:
        self._console.print(f"  统计 {text}", style="cyan", markup=False, soft_wrap=True)

    def cases(self, counts: Mapping[str, int]) -> None: ...
    def clocks(self, counts: Mapping[str, int], drill: str) -> None: ...


class LiveView:
    """Five panels: 消息流, 工单, 时限, 通知, 统计. The counts of cases and clocks are the whole desk's."""

    def __init__(self, console: Console) -> None:
        self._said: deque[Text] = deque(maxlen=console.height - _LOWER - 2)
        self._alerts: deque[Text] = deque(maxlen=_LOWER - 2)
        self._reports: deque[Text] = deque(maxlen=_LOWER - _FIGURES - 2)
        self._cases = self._clocks = self._drill = ""
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def say(self, text: str, style: str = "") -> None:
        self._said.append(_styled(text, style))

    def alert(self, title: str, body: str, urgency: str) -> None:
        self._alerts.append(_styled(f"{title}: {body}", _URGENT[urgency]))

    def report(self, text: str) -> None:
        self._reports.append(_styled(text, ""))

    def cases(self, counts: Mapping[str, int]) -> None:
        self._cases = _table(counts)

    def clocks(self, counts: Mapping[str, int], drill: str) -> None:
        self._clocks, self._drill = _table(counts), drill

    def _render(self) -> Layout:
        root, lower, right = Layout(), Layout(size=_LOWER), Layout(ratio=2)
        lower.split_row(Layout(_panel(self._alerts, "通知", "yellow"), ratio=3), right)
        figures = Layout(size=_FIGURES)
        clocks = "\n".join(filter(None, (self._drill, self._clocks)))
        figures.split_row(Panel(self._cases, title="工单"), Panel(clocks, title="时限", border_style="red"))
        right.split_column(figures, Layout(_panel(self._reports, "统计", "cyan")))
        root.split_column(Layout(_panel(self._said, "消息流", "green")), lower)
        return root


def view(console: Console) -> View:
    return LiveView(console) if console.is_terminal and console.height >= _LEAST_HEIGHT else PlainView(console)


def _panel(lines: deque[Text], title: str, colour: str) -> Panel:
    return Panel(Group(*lines), title=title, border_style=colour, title_align="left")


def _styled(text: str, style: str) -> Text:
    return Text(" ".join(text.split()), style=style, no_wrap=True, overflow="ellipsis")


def _table(counts: Mapping[str, int]) -> str:
    return "\n".join(f"{STATES.get(name, name)} {n}" for name, n in counts.items())
