"""The pages of /cases."""
