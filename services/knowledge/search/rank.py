"""What an article's usage does to its score: a factor that a sentence explains. Pure."""

import math
from typing import Final

from services.knowledge.articles.model import Counts

LEAST, MOST = 0.7, 1.4
NEUTRAL: Final = 4.0
"""So many good and so many bad votes are taken for given: one vote alone moves little."""


def factor(usage: Counts) -> float:
    """Between LEAST and MOST, 1.0 for what nobody has judged. Taken over as it was counts twice a reader's vote."""
    good = 2 * usage.accepted + usage.edited + usage.helpful
    bad = 2 * usage.rejected + usage.unhelpful
    share = (good + NEUTRAL) / (good + bad + 2 * NEUTRAL)
    return 1 + (share - 0.5) * 2 * (MOST - 1 if share >= 0.5 else 1 - LEAST)


PRIOR_OF_NONE: Final = math.log2(3)


def prior(usage: Counts) -> float:
    """The factor as the index keeps it: tantivy multiplies a score by log2(2 + prior); PRIOR_OF_NONE is that of 1."""
    return float(3 ** factor(usage) - 2)


def reason(usage: Counts) -> str:
    """Chinese, for whoever asks why it stands where it stands; empty where usage says nothing."""
    taken, voted = usage.accepted + usage.edited, usage.helpful + usage.unhelpful
    parts = [f"采纳 {taken} 次、不适用 {usage.rejected} 次"] if taken + usage.rejected else []
    parts += [f"{usage.helpful} 人认为有帮助、{usage.unhelpful} 人认为没有"] if voted else []
    return f"{'; '.join(parts)} (×{factor(usage):.2f})" if parts else ""
