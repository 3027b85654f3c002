"""Intake (受理): owns cases. Hears `channel.in.*` and its commands; says `case.*` and `channel.out.*`.

A message opens a case or joins the open one of its conversation; staff answer, assign, wait, escalate, resolve,
close and reopen by commands. Everything that it stores is masked first.
"""
