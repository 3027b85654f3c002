"""Settings that only intake reads."""

from pathlib import Path

from pydantic import Field

from chassis.settings import Settings


class IntakeSettings(Settings):
    """What opens a new case, where secrets and configuration lie."""

    thread_idle_h: float = Field(24.0, gt=0, description="Hours of silence after which a message opens a new case")
    thread_grace_h: float = Field(24.0, gt=0, description="Hours after closing in which a message reopens the case")
    chase_sweep_s: float = Field(30.0, gt=0, description="Seconds between looks for cases whose next chase is due")
    close_after_days: float = Field(7.0, gt=0, description="Quiet days after which a resolved case is closed")
    attachment_max_mb: int = Field(20, ge=1, le=200, description="Largest attachment that is kept, in MB")
    directory_seed: Path | None = Field(
        None, description="Folder of institutions.csv, contacts.csv, contracts.csv, staff.csv; loads what is unknown"
    )
    duty_rules: Path | None = Field(None, description="Rules of assignment, a YAML file; empty: those that are shipped")
    send_within_s: float = Field(20.0, gt=0, description="Seconds that a channel has to take a reply")
    channels: Path = Field(
        Path(__file__).with_name("channels") / "channels.yaml", description="Which channels are connected, a YAML file"
    )
    classifier_threshold: float = Field(
        0.4, ge=0, le=1, description="Confidence from which the classifier decides where no rule does; 1: never"
    )
    classifier_retrain_after: int = Field(
        20, ge=0, description="Corrections by staff after which the classifier is trained anew; 0: only on request"
    )
