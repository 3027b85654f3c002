"""Settings that only the SLA service reads."""

from pathlib import Path

from pydantic import Field

from chassis.calendars.book import PACKAGED
from chassis.settings import Settings


class SlaSettings(Settings):
    """Which promises hold, and how closely the timers are watched."""

    sla_policies: Path = Field(
        Path(__file__).with_name("policies.yaml"), description="SLA policies, a YAML file; the first that fits counts"
    )
    sla_calendars: Path = Field(PACKAGED, description="Folder of business calendars, a YAML file each")
    sla_obligations: Path = Field(
        Path(__file__).parent / "obligations" / "obligations.yaml",
        description="Recurring duties of the month and of the contract, a YAML file",
    )
    sla_evidence_max_mb: int = Field(20, ge=1, le=500, description="Largest file that is kept as evidence, in MB")
    sla_sweep_s: float = Field(10.0, gt=0, description="Seconds between two looks for timers that did not fire")
    sla_canary_s: float = Field(300.0, ge=0, description="Seconds between two canaries; 0 for none")
    sla_audit_hour: int = Field(3, ge=0, le=23, description="Hour of the night (China) in which the auditor runs")
    sla_sweep_grace_s: float = Field(5.0, gt=0, description="How late a timer may be before the sweep takes over")
