"""What is asked for: which months, which cycles, as of when."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import msgspec

from chassis.zone import BEIJING, month_in
from services.sla.attainment.row import Row

MOST_MONTHS = 24
FILTERS = ("contract", "institution", "category", "priority", "engineer", "clock", "policy", "outcome")


class Filters(msgspec.Struct, frozen=True, omit_defaults=True):
    """Each leaves out what is not so; an empty text asks for the cycles that have none."""

    contract: str | None = None
    institution: str | None = None
    category: str | None = None
    priority: str | None = None
    engineer: str | None = None
    clock: str | None = None
    policy: str | None = None
    outcome: str | None = None


class Asked(msgspec.Struct, frozen=True):
    """The cycles that began from `first` to `last`, months in Beijing (`2026-11`), as they stood at `as_of`."""

    first: str
    last: str
    as_of: datetime
    filters: Filters = Filters()

    @property
    def since(self) -> datetime:
        return month_in(self.first)[0]

    @property
    def until(self) -> datetime:
        return month_in(self.last)[1]

    @property
    def months(self) -> list[str]:
        found = [self.first]
        while found[-1] < self.last:
            found.append(f"{month_in(found[-1])[1]:%Y-%m}")
        return found

    def fits(self, row: Row) -> bool:
        wanted = ((getattr(self.filters, name), getattr(row, name)) for name in FILTERS)
        begun = self.since <= row.started_at < self.until
        return begun and all(wish is None or wish == (value or "") for wish, value in wanted)


def asked(month: str, until: str | None, as_of: datetime, filters: Filters = Filters()) -> Asked:
    """Raises ValueError with a sentence that says what to write instead."""
    first, last = _month(month), _month(until or month)
    if last < first:
        raise ValueError(f"结束月份 {last} 早于开始月份 {first}: 请核对 until")
    if as_of.tzinfo is None:
        raise ValueError("截至时间缺少时区: 请写成 2026-12-01T00:00:00+08:00")
    wish = Asked(first, last, as_of.astimezone(UTC), filters)
    if len(wish.months) > MOST_MONTHS:
        raise ValueError(f"一次最多 {MOST_MONTHS} 个月: 请缩小范围")
    return wish


def filters_of(pairs: Iterable[str]) -> Filters:
    """From `contract=ht-1`, `engineer=`. Raises ValueError with a sentence that says what there is."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, is_, value = pair.partition("=")
        if name not in FILTERS or not is_:
            raise ValueError(f"不能按 {pair[:50]!r} 筛选: 请写成 名称=值, 名称可用 {', '.join(FILTERS)}")
        found[name] = value
    return Filters(**found)


def stored(now: datetime) -> datetime:
    """A moment to the millisecond, as facts are kept."""
    return now.astimezone(UTC).replace(microsecond=now.microsecond // 1000 * 1000)


def shown(at: datetime | None) -> str:
    """In Beijing time, so that it can be given back as `as_of` and mean the same moment."""
    return at.astimezone(BEIJING).isoformat(timespec="milliseconds") if at else ""


def readable(at: datetime | None) -> str:
    """In Beijing time, for people."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if at else ""


def _month(text: str) -> str:
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ValueError(f"月份 {text[:20]!r} 不可用: 请写成 2026-11") from None
    if not 2000 <= day.year <= 2100:
        raise ValueError(f"月份 {text} 不在 2000 至 2100 年之间: 请核对")
    return f"{day:%Y-%m}"
