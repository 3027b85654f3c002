"""XLSX and CSV: every row a message, or a reason."""
