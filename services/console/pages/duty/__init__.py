"""The pages of /duty."""
