"""Runs (统计任务): pieces of heavy work, each in a process of its own: reading data in, counting, comparing ledgers."""
