"""The console (控制台): the pages where staff and hospitals work, and the door through which everybody comes in.

It owns accounts, sessions and the log of what has to be answered for; it hears every event, to tell open pages what
changed. What the pages show, it asks the other services for, signed in the name of whoever looks.
"""
