"""What ships with the product: synonyms.yaml and terms.txt, read once."""

from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

import yaml

from services.knowledge.vocabulary.model import Shipped, shipped_id

HERE: Final = Path(__file__).parent


@cache
def shipped_groups() -> dict[UUID, Shipped]:
    """By id, in the file's order."""
    lists: list[list[str]] = yaml.safe_load((HERE / "synonyms.yaml").read_text(encoding="utf-8"))["groups"]
    groups = (Shipped(shipped_id(words[0]), tuple(words)) for words in lists)
    return {group.id: group for group in groups}
