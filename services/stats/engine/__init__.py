"""From a definition and data sets to a counted report: `counting.count`. See docs/stats-engine.md.

Imported only by processes that count: Ibis, DuckDB and sqlglot take 90 MB before the first row.
"""
