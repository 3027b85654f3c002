"""The language of the system: events, commands, subjects, streams. Imports nothing of ours, does no I/O."""
