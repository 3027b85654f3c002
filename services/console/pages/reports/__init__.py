"""The pages of /reports and /runs: the catalogue, definitions and their agreement, runs, schedules, sources."""
