"""What was masked, kept encrypted apart from its case, read only with a reason."""
