"""Which case a message belongs to, and how people change that."""
