"""Settings that only knowledge reads."""

from pydantic import Field, SecretStr

from chassis.settings import Settings


class KnowledgeSettings(Settings):
    """How large a document may be; the key of its original is the one of intake."""

    secret_key: SecretStr = Field(
        SecretStr(""), description="Key of encrypted originals, 32 bytes in base64; empty: made in the data directory"
    )
    document_max_mb: int = Field(30, ge=1, le=200, description="Largest document that is imported, in MB")
