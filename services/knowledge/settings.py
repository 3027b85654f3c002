"""Settings that only knowledge reads."""

from pydantic import Field

from chassis.settings import Settings


class KnowledgeSettings(Settings):
    """How large a document may be, and whether search goes by meaning; originals are sealed with intake's key."""

    document_max_mb: int = Field(30, ge=1, le=200, description="Largest document that is imported, in MB")
    encoder: str = Field(
        "",
        description="Folder of an exported sentence encoder, for search by meaning; empty: `encoder` in the data "
        "directory, where there is one; off: none",
    )
    retrain_after: int = Field(
        50, ge=0, description="Suggestions taken over until search by meaning learns again; 0 for never"
    )
