"""Adapters: one file per channel, each ending in the same ChannelMessage, and the way back."""
