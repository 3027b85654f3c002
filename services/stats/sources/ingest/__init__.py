"""Uploads as people export them, read by a table's schema into one Parquet file: see docs/stats-ingest.md.

Only `sniff` is for the service; the rest runs in the process of a run and imports Arrow, DuckDB and readers of sheets.
"""
