"""The pages, a package each: handlers in `api.py` (or `api_*.py`), templates beside them, views that are pure."""
