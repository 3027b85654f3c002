"""A counted report, written down: XLSX to sign, PDF to print, HTML to read, CSV and Parquet for machines.

Everything here runs in a process of its own (see runs/), except `summary` and `words`, which are light.
The same report gives the same bytes: nothing here reads a clock, and no file bears the time of its making.
"""
