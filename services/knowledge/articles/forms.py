"""What is sent along with what is done to an article."""

import msgspec


class Why(msgspec.Struct):
    why: str = ""


class Until(msgspec.Struct):
    """`review_at` is when it has to be reviewed next, half a year later where it is left out."""

    why: str = ""
    review_at: str | None = None


class Owner(msgspec.Struct):
    owner: str
    why: str = ""


class Into(msgspec.Struct):
    """`into` is the id or the number of the article that stays."""

    into: str
    why: str = ""


class Rating(msgspec.Struct):
    helpful: bool
    why: str = ""
