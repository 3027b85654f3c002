"""Digests (摘要与日报): what was gathered while it was too much or too early, and the reports of the day and week."""
