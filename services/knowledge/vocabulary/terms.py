"""The domain's terms (业务术语): what a misspelt word may have meant to be. Names of transactions, insurances, clearing
and medical categories as the interface specification has them.
"""

from functools import cache

from services.knowledge.vocabulary.shipped import HERE, shipped_groups


@cache
def domain_terms() -> tuple[str, ...]:
    """Every term once: those of terms.txt, then the words of the shipped groups of synonyms."""
    lines = (HERE / "terms.txt").read_text(encoding="utf-8").splitlines()
    listed = (line.strip() for line in lines if line.strip() and not line.startswith("#"))
    words = (word for group in shipped_groups().values() for word in group.words)
    return tuple(dict.fromkeys((*listed, *words)))
