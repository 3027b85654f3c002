"""How much a run may take, and how long its result is kept; from `YIBAO_STATS_*` in the environment."""

from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StatsSettings(BaseSettings):
    """Bounds of one run's process, the engine, and how long files are kept."""

    model_config = SettingsConfigDict(env_prefix="YIBAO_STATS_", extra="ignore")

    memory_mb: int = Field(1536, ge=512, description="Memory (MB) that one run may allocate")
    time_limit_s: float = Field(1800.0, gt=0, description="Seconds after which a run is stopped")
    upload_max_mb: int = Field(4096, ge=1, description="Largest upload (MB)")
    keep_days: float = Field(400.0, gt=0, description="Days for which the files of a result, and uploads, are kept")
    suppress_below: int = Field(
        0, ge=0, le=100, description="Hide cells of reports that count fewer persons than this; 0 hides none"
    )
    sources: Path | None = Field(None, description="File of folders and databases that data come from; empty: none")
    engine: Literal["duckdb", "postgres", "clickhouse"] = Field("duckdb", description="What reports are counted by")
    engine_url: SecretStr = Field(SecretStr(""), description="The engine's server, where it has one (postgresql://…)")
    public_url: str = Field(
        "", description="Where people reach the console, for links to sheets in alerts, e.g. https://desk.example"
    )

    def sheet_url(self, run_id: UUID) -> str:
        """Where the sheet of a run is; empty where nobody has said how staff reach this service."""
        return f"{self.public_url.rstrip('/')}/runs/{run_id}/output.xlsx" if self.public_url else ""
