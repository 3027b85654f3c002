"""Who is on duty, who gets a new case, visits on site, handover at the end of a shift."""
