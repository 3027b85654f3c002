"""The language of the system: events, commands, subjects, streams. Imports nothing of ours, does no I/O."""

from contracts.registry import COMMANDS, EVENTS, model_of

__all__ = ["COMMANDS", "EVENTS", "model_of"]
