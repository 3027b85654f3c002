"""What ops watch of printed archives."""

from prometheus_client import Histogram

PRINTED = Histogram(
    "yibao_archive_print_seconds",
    "One printed archive, from the database to the PDF",
    buckets=(0.5, 1, 2, 5, 10, 20, 60, 300),
)
