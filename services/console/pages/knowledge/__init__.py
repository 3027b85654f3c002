"""The pages of /knowledge."""
