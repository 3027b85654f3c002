"""What a digest gathers: how many alerts by rule, exactly, and only the lines that somebody will read."""

from collections.abc import Iterable

from msgspec.structs import replace

from contracts.notify import URGENCIES, Bundled
from services.notify.alerts.model import Bundle, Line

MOST_LINES = 20


def added(bundle: Bundle, item: Bundled | Line) -> Bundle:
    """The digest with one more alert. In whatever order they come, the same alerts give the same digest."""
    by_rule = {**bundle.by_rule, item.rule: bundle.by_rule.get(item.rule, 0) + 1}
    line = Line(item.alert_id, item.rule, item.urgency, item.title, item.at)
    return replace(bundle, by_rule=dict(sorted(by_rule.items())), lines=gravest((*bundle.lines, line)))


def gravest(lines: Iterable[Line], most: int = MOST_LINES) -> tuple[Line, ...]:
    """The first of them: the gravest, of these the latest."""
    return tuple(sorted(lines, key=_order)[:most])


def _order(line: Line) -> tuple[int, float, str, str, str]:
    # Down to the last field: what is cut off must not depend on who came first.
    return URGENCIES.index(line.urgency), -line.at.timestamp(), str(line.alert_id), line.rule, line.title
