"""Notify (通知): owns alerts. Hears `case.*`, `sla.*`, `stats.*` and the readers' commands; says `notify.*`.

`rules.py` says which event alerts whom; an alert is one document per event, in the inbox of each of its audiences.
"""
