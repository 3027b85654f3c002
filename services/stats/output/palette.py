"""The colours of charts, on paper and in Excel: Okabe and Ito's, which people who see few colours can tell apart."""

from typing import Final

PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7F7F7F", "#000000")
"""Grey stands in the place of their yellow, which is too pale on paper."""
