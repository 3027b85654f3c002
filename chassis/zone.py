"""The one time zone of the desk's people: China keeps UTC+8 all year (no summer time since 1991), and its months."""

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")


@lru_cache(maxsize=1_024)
def month_in(text: str) -> tuple[datetime, datetime]:
    """The first moments of a month such as `2026-10`, and of the one after it, in Beijing. Raises ValueError, also for
    years before 2000 or after 2100, which nobody means.
    """
    since = datetime.strptime(text, "%Y-%m").replace(tzinfo=BEIJING)
    if not 2000 <= since.year <= 2100:
        raise ValueError(f"{text}: not a month of this century")
    return since, since.replace(year=since.year + since.month // 12, month=since.month % 12 + 1)
