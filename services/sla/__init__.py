"""SLA (时限): owns clocks of cases, recurring duties (服务义务), exemptions (免责), and the account of what was kept.

Hears `case.*`, commands, the directory and its own timers (`due.sla`, `due.obligation`); says `sla.*`, `obligation.*`
and `exemption.*`. A clock is computed from facts, so it does not matter in which order they arrive; timers only make
it look.
"""
