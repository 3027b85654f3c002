"""The pages of /training."""
