"""SLA (时限): owns the clocks of cases. Hears `case.*` and its own timers (`due.sla`); says `sla.*`.

A clock is computed from facts, so it does not matter in which order they arrive; timers only make it look again.
"""
