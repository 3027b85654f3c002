"""What the file of providers says of every provider, whatever its kind."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.notify.providers.receipting import ReceiptConfig

Secret = Annotated[SecretStr, Field(min_length=1)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+[^\s]*$", max_length=2_000)]


class Provided(BaseModel):
    """`rate` messages in `per_s` seconds, `burst` at once; `rate: null` is no limit. `workers` are sent side by side.

    `timeout_s` is the longest that one attempt takes; a worker's lease is longer than that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: float | None = Field(default=10, gt=0, le=100_000)
    per_s: float = Field(default=1, gt=0, le=86_400)
    burst: int = Field(default=1, ge=1, le=10_000)
    workers: int = Field(default=1, ge=1, le=64)
    timeout_s: float = Field(default=10, gt=0, le=15)
    receipts: ReceiptConfig | None = None

    @property
    def answer_s(self) -> float:
        """How long an answer is waited for: less than the attempt, so that the transport says itself what it means."""
        return self.timeout_s * 0.8

    @property
    def whole_s(self) -> float:
        """How long all steps together may take, for the same reason."""
        return self.timeout_s * 0.9
