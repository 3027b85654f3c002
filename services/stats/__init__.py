"""Stats (统计): owns report runs. Hears its commands and `stats.requested`; says `stats.*`.

A run folds like any aggregate; the work behind it is done by an executor, in a process of its own, which reports
back by commands. What a report counts (口径) is a YAML and an SQL file, and their hash is named in every run.
"""
