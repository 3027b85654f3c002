"""The pages of /ask."""
