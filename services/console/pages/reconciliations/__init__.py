"""The pages of /reconciliations: what differs between a hospital's ledger and the centre's, and what becomes of it."""
