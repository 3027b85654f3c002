"""People (收件人): who stands behind an audience at this moment, where they are reached and when they want quiet."""
