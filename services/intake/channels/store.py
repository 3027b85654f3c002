"""All MongoDB of the channels that has an index: calls, and media waiting to be fetched."""

from pymongo import ASCENDING, IndexModel

COLLECTION = "calls"
MEDIA = "media"
INDEXES = [
    # Only calls that still need somebody are in the index: it stays small for ever.
    IndexModel([("open", ASCENDING), ("heard_at", ASCENDING)], name="open", partialFilterExpression={"open": True}),
]
MEDIA_INDEXES = [
    IndexModel(
        [("state", ASCENDING), ("next_at", ASCENDING)],
        name="waiting",
        partialFilterExpression={"state": "waiting"},
    ),
]
