"""The period of a report (统计期): a month, a quarter, a year, months of a year, a day; half-open, local dates."""

import re
from calendar import monthrange
from datetime import date, timedelta

import msgspec

from chassis.errors import Refused

_FORM = re.compile(r"(\d{4})(?:-(?:(Q[1-4])|(\d\d)(?:-(\d\d)|\.\.(\d\d))?))?")
_FIRST, _LAST = date(1990, 1, 1), date(2100, 1, 1)


class Period(msgspec.Struct, frozen=True):
    """`since` is the first day, `until` the day after the last. Of no period at all they are far apart."""

    text: str
    since: date
    until: date

    @property
    def name(self) -> str:
        """As it stands on a report."""
        year, _, rest = self.text.partition("-")
        if not self.text:
            return "全部数据"
        if not rest:
            return f"{year}年"
        if rest.startswith("Q"):
            return f"{year}年第{rest[1]}季度"
        if ".." in rest:
            return f"{year}年{int(rest[:2])}至{int(rest[-2:])}月"
        month, _, day = rest.partition("-")
        return f"{year}年{int(month)}月" + (f"{int(day)}日" if day else "")

    @property
    def last_day(self) -> date:
        return self.until - timedelta(days=1)

    def before(self) -> "Period":
        """The period of the same length just before: what a report is compared with (环比)."""
        if self.last_day == self.since:
            return of_day(self.since - timedelta(days=1))
        months = _months(self.since, self.until)
        return _of_months(_shift(self.since, -months), months)

    def year_ago(self) -> "Period":
        """The same period of the year before (同比). The 29th of February is compared with the 28th."""
        if self.last_day == self.since:
            year, month = self.since.year - 1, self.since.month
            return of_day(date(year, month, min(self.since.day, monthrange(year, month)[1])))
        return _of_months(_shift(self.since, -12), _months(self.since, self.until))

    def year_to_date(self) -> "Period":
        """From the first of January to the end of this one (累计)."""
        start = date(self.since.year, 1, 1)
        return _of_months(start, _months(start, _shift(self.last_day.replace(day=1), 1)))


EVERYTHING = Period("", _FIRST, _LAST)


def period(text: str) -> Period:
    """Of `2026-10`, `2026-Q3`, `2026`, `2026-01..09` or `2026-10-31`; nothing is everything. Raises Refused."""
    if not text:
        return EVERYTHING
    found = _FORM.fullmatch(text)
    try:
        if found is not None and _FIRST.year <= int(found[1]) < _LAST.year:
            return _parsed(*found.groups())
    except ValueError:
        pass
    told = "统计期写法不对: 月 2026-10, 季 2026-Q3, 年 2026, 累计 2026-01..09, 日 2026-10-31 (1990 至 2099 年)"
    raise Refused("bad_period", told)


def _parsed(year: str, quarter: str | None, month: str | None, day: str | None, until: str | None) -> Period:
    if quarter:
        return _of_months(date(int(year), 3 * int(quarter[1]) - 2, 1), 3)
    if not month:
        return _of_months(date(int(year), 1, 1), 12)
    if day:
        return of_day(date(int(year), int(month), int(day)))
    months = int(until) - int(month) + 1 if until else 1
    if months < 1:
        raise ValueError(until)
    return _of_months(date(int(year), int(month), 1), months)


def of_day(day: date) -> Period:
    return Period(day.isoformat(), day, day + timedelta(days=1))


def _of_months(since: date, months: int) -> Period:
    until = _shift(since, months)
    last = until - timedelta(days=1)
    head = f"{since:%Y}"
    if months == 1:
        text = f"{since:%Y-%m}"
    elif months == 12 and since.month == 1:
        text = head
    elif months == 3 and since.month % 3 == 1:
        text = f"{head}-Q{since.month // 3 + 1}"
    elif since.year == last.year:
        text = f"{since:%Y-%m}..{last:%m}"
    else:
        text = f"{since:%Y-%m}/{last:%Y-%m}"  # only as something to compare with: it is never asked for
    return Period(text, since, until)


def _shift(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _months(since: date, until: date) -> int:
    return (until.year - since.year) * 12 + until.month - since.month
