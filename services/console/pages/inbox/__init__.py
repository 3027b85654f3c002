"""The pages of /inbox."""
