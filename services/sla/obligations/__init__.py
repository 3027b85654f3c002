"""Obligations (服务义务): duties of the month and of the contract, each occurrence one document with an item per
institution.

Hears `obligation.command.*` and its own timers (`due.obligation`); says `obligation.*`. Definitions, contracts and
calendars become plans; a plan holds every moment at which somebody is told, so the fold needs no calendar.
"""
