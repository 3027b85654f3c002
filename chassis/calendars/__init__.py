"""Calendars (营业日历): when the desk is open, so that a promise runs in open time.

A YAML file says the weekly hours, whether holidays count and which days differ (`definition`, `faults`). With the days
of the holidays (`holidays`) it is a version of the calendar, compiled (`compiling`) into intervals that answer fast
(`hours`). The `book` has them all.
"""
