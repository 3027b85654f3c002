"""Definitions (统计口径): what each report counts, reviewed and versioned; a run always names the hash of one."""
