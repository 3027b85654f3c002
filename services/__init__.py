"""The five services. None of them imports another; they know each other by `contracts/` alone."""
