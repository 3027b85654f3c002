"""What is asked for: which months, which cycles, as of when."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import get_args

import msgspec
from msgspec.structs import replace

from chassis.rows import sees_all
from chassis.token import Principal
from chassis.zone import BEIJING, month_in
from contracts.case import Category, Priority
from contracts.sla import Clock
from services.sla.attainment.outward import seen_by
from services.sla.attainment.row import Outcome, Row

MOST_MONTHS = 24
YEARS = range(2000, 2101)
_EXAMPLE = "请写成 2026-12-01T00:00:00+08:00 (网址里的 + 写成 %2B)"
_BLANK = re.compile(r"(?<=:\d\d)(\.\d+)? (?=\d\d:?\d\d$)")  # what a + in an address arrives as
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
    """The cycles that began from `first` to `last`, months in Beijing (`2026-11`), as they stood at `as_of`.

    Of somebody with rows of his own (`who`) only those: a hospital's are of the cases that it asked, an officer's of
    the institutions of his districts.
    """

    first: str
    last: str
    as_of: datetime
    filters: Filters = Filters()
    who: Principal | None = None

    @property
    def everything(self) -> bool:
        """Whether whoever asks sees all institutions."""
        return self.who is None or sees_all(self.who)

    @property
    def outward(self) -> bool:
        """Whether it is a hospital that asks."""
        return self.who is not None and self.who.role == "hospital"

    @property
    def whole(self) -> bool:
        """Whether a clause can be judged by it: some cycles of a contract do not tell whether its share was reached."""
        return self.everything and replace(self.filters, contract=None) == Filters()

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

    def given(self, row: Row, asked_from: str | None) -> Row | None:
        """A row of a case that `asked_from` asked, as whoever asks may see it; None if he may not or did not ask."""
        seen = seen_by(self.who, row, asked_from)
        return seen if seen is not None and self.fits(seen) else None

    def fits(self, row: Row) -> bool:
        """Whether it is asked for; whose it is, `given` knows."""
        wanted = ((getattr(self.filters, name), getattr(row, name)) for name in FILTERS)
        begun = self.since <= row.started_at < self.until
        return begun and all(wish is None or wish == (value or "") for wish, value in wanted)


def asked(
    month: str, until: str | None, as_of: datetime, filters: Filters = Filters(), who: Principal | None = None
) -> Asked:  # fmt: skip
    """Raises ValueError with a sentence that says what to write instead."""
    first, last = _month(month), _month(until or month)
    if last < first:
        raise ValueError(f"结束月份 {last} 早于开始月份 {first}: 请核对 until")
    wish = Asked(first, last, stored(as_of), filters, who)
    if len(wish.months) > MOST_MONTHS:
        raise ValueError(f"一次最多 {MOST_MONTHS} 个月: 请缩小范围")
    return wish


def moment(text: str | None, now: datetime) -> datetime:
    """The `as_of` that is written so, and `now` without any. Raises ValueError with a sentence."""
    if text is None:
        return stored(now)
    try:
        at = datetime.fromisoformat(_BLANK.sub(lambda found: f"{found[1] or ''}+", text.strip()))
    except ValueError:
        raise ValueError(f"截至时间 {text[:40]!r} 不可用: {_EXAMPLE}") from None
    if at.tzinfo is None:
        raise ValueError(f"截至时间 {text[:40]!r} 缺少时区: {_EXAMPLE}")
    if at.year not in YEARS:
        raise ValueError(f"截至时间 {text[:40]!r} 不在 {YEARS[0]} 至 {YEARS[-1]} 年之间: 请核对")
    if stored(at) > now:
        raise ValueError(f"截至时间 {readable(at)} 还没有到: 请写已经过去的时刻, 或不写 (即现在)")
    return stored(at)


def filters_of(pairs: Iterable[str]) -> Filters:
    """From `contract=ht-1`, `engineer=`. Raises ValueError with a sentence that says what there is."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, is_, value = pair.partition("=")
        if name not in FILTERS or not is_:
            raise ValueError(f"不能按 {pair[:50]!r} 筛选: 请写成 名称=值, 名称可用 {', '.join(FILTERS)}")
        found[name] = value
    return chosen(found)


_VALUES: dict[str, tuple[str, ...]] = {
    "clock": get_args(Clock), "category": get_args(Category), "priority": get_args(Priority),
    "outcome": get_args(Outcome),
}  # fmt: skip


def chosen(values: Mapping[str, str | None]) -> Filters:
    """Raises ValueError with a sentence for a value that no cycle can have."""
    for name, known in _VALUES.items():
        if (value := values.get(name)) and value not in known:
            raise ValueError(f"{name} 没有 {value[:50]!r}: 可用 {', '.join(known)}")
    return Filters(**values)


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
    if day.year not in YEARS:
        raise ValueError(f"月份 {text} 不在 {YEARS[0]} 至 {YEARS[-1]} 年之间: 请核对")
    return f"{day:%Y-%m}"
