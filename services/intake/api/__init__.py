"""HTTP about cases: reading, commands, export."""
