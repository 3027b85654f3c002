"""How Chinese offices write dates, times, numbers and shares. Pure; the templates' filters."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any, Final

from markupsafe import Markup

from chassis.zone import BEIJING
from contracts.identity import TITLES

_WEEKDAYS: Final = "一二三四五六日"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def moment(value: datetime | str | None) -> datetime | None:
    """A time of an event or a field of JSON, in the desk's zone."""
    if not value:
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(BEIJING)


def time(value: datetime | str | None) -> str:
    """11月22日 09:05; with the year where it is another one than now."""
    at = moment(value)
    if at is None:
        return "—"
    year = "" if at.year == datetime.now(BEIJING).year else f"{at.year}年"
    return f"{year}{at.month}月{at.day}日 {at:%H:%M}"


def day(value: date | str | None) -> str:
    """2026年11月22日 星期日."""
    if not value:
        return "—"
    at = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{at.year}年{at.month}月{at.day}日 星期{_WEEKDAYS[at.weekday()]}"


def iso(value: datetime | str | None) -> str:
    """For `<time datetime>` and countdowns."""
    at = moment(value)
    return at.isoformat() if at else ""


def span(seconds: float | timedelta | None) -> str:
    """3天4小时, 2小时5分, 40分, 20秒; the larger two units."""
    if seconds is None:
        return "—"
    left = int(abs(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds))
    days, left = divmod(left, _DAY)
    hours, left = divmod(left, _HOUR)
    minutes, left = divmod(left, _MINUTE)
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"
    return f"{minutes}分" if minutes else f"{left}秒"


def number(value: Any) -> str:
    """1,234,567."""
    return "—" if value is None or value == "" else f"{value:,}"


def share(value: float | None) -> str:
    """0.9534 as 95.34%."""
    return "—" if value is None else f"{value * 100:.2f}%"


def role(value: str) -> str:
    return TITLES.get(value, value)  # type: ignore[call-overload,no-any-return]


def options(choices: Iterable[str | tuple[str, str]], chosen: Collection[str] = ()) -> Markup:
    """What a `<select>` offers: values with titles, or words that are both.

    A loop of the template's own takes ten times as long, and a city has a thousand institutions.
    """
    pairs = ((one, one) if isinstance(one, str) else one for one in choices)
    return Markup(
        "".join(
            f'<option value="{escape(value)}"{" selected" if value in chosen else ""}>{escape(title)}</option>'
            for value, title in pairs
        )
    )


FILTERS: Final = {
    "time": time, "day": day, "iso": iso, "span": span, "number": number, "share": share,
    "role": role, "options": options,
}  # fmt: skip
