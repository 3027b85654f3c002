"""Realistic, invented data for every source table: one seed gives the same bytes, and what is wrong in it is known.

Imported by tests, benches and `python -m services.stats.sample`; it loads DuckDB, so the service does not import it.
"""

from services.stats.sample.forms import FORMS, as_files
from services.stats.sample.generate import generate
from services.stats.sample.large import large
from services.stats.sample.truth import Planted, Truth, read_truth

__all__ = ["FORMS", "Planted", "Truth", "as_files", "generate", "large", "read_truth"]
