"""The pages of /institutions."""
