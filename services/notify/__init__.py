"""Notify (通知): owns alerts and the settings that people make about them. Hears what happens to cases, clocks, duties,
outages and reports, the readers, the workers and the providers' receipts; says `notify.*`, `setting.*`, and to its own
workers `delivery.*`.

`rules/` says which event alerts whom, `people/` who that is now and how they are reached; `alerts/` is the fold, one
document per alert with every delivery inside; `providers/` hands over by `transports/`; `inbox/` and `links/` are where
people read and acknowledge; `digests/` gathers what is too much; `proof/` tells afterwards what became of it.
"""
