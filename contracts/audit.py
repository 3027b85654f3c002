"""What has to be answered for later (操作审计): sign-ins, what was revealed or taken out, changes of
rights and of where alerts go."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.envelope import Event, Key

Act = Literal[
    "signed_in", "sign_in_failed", "locked_out", "signed_out", "token_issued", "revealed", "exported", "rights_changed",
    "settings_changed", "refused",
]  # fmt: skip


class ActNoted(Event):
    """`act` by the event's actor on `object` (an account, a case, a report …), over HTTP of `service`.

    `address` is where the request came from, as the desk's own door saw it; `detail` never has personal data.
    """

    type: Literal["audit.noted"] = "audit.noted"
    act: Act
    service: Annotated[str, Field(max_length=20)]
    object: Key
    institution_code: Annotated[str, Field(max_length=40)] = ""
    address: Annotated[str, Field(max_length=64)] = ""
    detail: Annotated[str, Field(max_length=500)] = ""
