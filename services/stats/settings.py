"""How much a report may take; from `YIBAO_STATS_*` in the environment."""

from uuid import UUID

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StatsSettings(BaseSettings):
    """Bounds of one report's process."""

    model_config = SettingsConfigDict(env_prefix="YIBAO_STATS_", extra="ignore")

    memory_mb: int = Field(1024, ge=512, description="Memory (MB) that one report may allocate")
    time_limit_s: float = Field(1800.0, gt=0, description="Seconds after which a report is stopped")
    public_url: str = Field(
        "", description="Where staff reach stats, for links in alerts, e.g. https://desk.example/stats"
    )

    def sheet_url(self, run_id: UUID) -> str:
        """Where the sheet of a run is; empty where nobody has said how staff reach this service."""
        return f"{self.public_url.rstrip('/')}/runs/{run_id}/output.xlsx" if self.public_url else ""
