"""The pages of /obligations."""
