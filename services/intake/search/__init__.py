"""Full text over cases: an index on disk, fed off the hot path, which can be deleted at any time."""
