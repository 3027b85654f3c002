"""The inbox (收件箱): alerts as their readers see them, at rest and live."""
