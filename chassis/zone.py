"""The one time zone of the desk's people: China keeps UTC+8 all year (no summer time since 1991)."""

from datetime import timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
