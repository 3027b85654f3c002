"""How much a report may take; from `YIBAO_STATS_*` in the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StatsSettings(BaseSettings):
    """Bounds of one report's process."""

    model_config = SettingsConfigDict(env_prefix="YIBAO_STATS_", extra="ignore")

    memory_mb: int = Field(1024, ge=512, description="Memory (MB) that one report may allocate")
    time_limit_s: float = Field(1800.0, gt=0, description="Seconds after which a report is stopped")
