"""Settings that only the SLA service reads."""

from pathlib import Path

from pydantic import Field

from chassis.settings import Settings


class SlaSettings(Settings):
    """Which promises hold, and how closely the timers are watched."""

    sla_policies: Path = Field(
        Path(__file__).with_name("policies.yaml"), description="SLA policies, a YAML file; the first that fits counts"
    )
    sla_sweep_s: float = Field(10.0, gt=0, description="Seconds between two looks for timers that did not fire")
    sla_sweep_grace_s: float = Field(5.0, gt=0, description="How late a timer may be before the sweep takes over")
