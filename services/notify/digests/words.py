"""The words of a digest (通知汇总): a storm, a night or a day of alerts as one message."""

from collections.abc import Iterator

from chassis.zone import BEIJING
from contracts.notify import URGENCIES, URGENCY_NAMES
from services.notify.alerts.model import Bundle, Line
from services.notify.digests.gather import gravest
from services.notify.digests.names import rule_name

SHOWN, RULES_SHOWN, TITLE_LENGTH = 10, 12, 120
_TITLES = {
    "storm": "短时间内有 {n:,} 条通知, 已合并为一条",
    "quiet": "免打扰时段内有 {n:,} 条通知",
    "digest": "通知汇总: {n:,} 条",
}


def title(bundle: Bundle) -> str:
    """`短时间内有 10,000 条通知, 已合并为一条`; of a single alert its own title."""
    if (line := _only(bundle)) is not None:
        return line.title
    return _TITLES[bundle.why].format(n=bundle.count)


def body(bundle: Bundle) -> str:
    """How many by rule, the gravest first; the most urgent lines in full; how many more are in the inbox."""
    if (line := _only(bundle)) is not None:
        return f"{URGENCY_NAMES[line.urgency]}, {line.at.astimezone(BEIJING):%m-%d %H:%M}"
    shown = gravest(bundle.lines, SHOWN)
    more = bundle.count - len(shown)
    rest = [f"其余 {more:,} 条见收件箱"] if more > 0 else []
    return "\n".join((_sums(bundle), *map(_line, shown), *rest))


def _only(bundle: Bundle) -> Line | None:
    return bundle.lines[0] if bundle.count == 1 and bundle.lines else None


def _sums(bundle: Bundle) -> str:
    names = [f"{rule_name(rule)} {bundle.by_rule[rule]:,} 条" for rule in _rules(bundle)]
    more = f"等 {len(names)} 类" if len(names) > RULES_SHOWN else ""
    return "、".join(names[:RULES_SHOWN]) + more


def _rules(bundle: Bundle) -> Iterator[str]:
    """The gravest first. A rule without a line among the kept ones is less grave than those that have one."""
    least = len(URGENCIES)
    grave: dict[str, int] = {}
    for line in bundle.lines:
        grave[line.rule] = min(grave.get(line.rule, least), URGENCIES.index(line.urgency))
    yield from sorted(bundle.by_rule, key=lambda rule: (grave.get(rule, least), -bundle.by_rule[rule], rule))


def _line(line: Line) -> str:
    text = line.title if len(line.title) <= TITLE_LENGTH else f"{line.title[: TITLE_LENGTH - 1]}…"
    return f"〔{URGENCY_NAMES[line.urgency]}〕{line.at.astimezone(BEIJING):%m-%d %H:%M} {text}"
