"""Settings that only notify reads."""

from pathlib import Path

from pydantic import Field

from chassis.settings import Settings

_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


class NotifySettings(Settings):
    """By whom alerts go out, how many at most, how long they are kept; the key is the one of intake."""

    notify_providers: Path | None = Field(
        None, description="By whom alerts go out, a YAML file; empty: to the inbox only"
    )
    notify_limit: int = Field(
        30, ge=3, description="Messages in ten minutes to one recipient; what is over it becomes a digest"
    )
    notify_daily_at: str = Field("17:30", pattern=_CLOCK, description="When daily reports are due, in Beijing")
    notify_weekly_at: str = Field(
        "17:00", pattern=_CLOCK, description="When weekly reports are due, Fridays in Beijing"
    )
    notify_keep_days: int = Field(400, ge=1, description="Days after which alerts that are over are deleted")
    notify_link_base: str = Field(
        "", description="Address under which people reach notify, for links in messages; empty: no links"
    )
    notify_links_valid_h: float = Field(72.0, gt=0, description="Hours for which the link of a message acknowledges")
