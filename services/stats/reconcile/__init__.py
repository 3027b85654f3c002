"""Reconciliation (对账): a hospital's ledger against the centre's, and what becomes of the differences.

`comparing.compare` runs in a worker process; `fold`, `store` and `api` keep what came out of it.
"""
