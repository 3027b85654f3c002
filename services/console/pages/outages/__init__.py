"""The pages of /outages."""
