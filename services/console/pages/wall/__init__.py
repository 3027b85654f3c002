"""The pages of /wall."""
