"""The pages of /today."""
