"""The six services. None of them imports another; they know each other by `contracts/` alone."""
